import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ALL, isTaken } from '../../mock/test/nais/verdicts.js'
import { portvakt } from './cli.js'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verdicts-'))
  await Promise.all(ALL.map(({ yaml }, index) => writeFile(join(directory, `${index}.yaml`), yaml)))
})
afterAll(() => rm(directory, { recursive: true }))

const filesOf = (isWanted: boolean) =>
  ALL.flatMap((verdict, index) => (isTaken(verdict) === isWanted ? [`${index}.yaml`] : []))
const scopes = (files: readonly string[]) => portvakt(['scopes', ...files], {}, { cwd: directory })

it('the command `scopes` accepts every manifest that the mock accepts', async () => {
  expect(await scopes(filesOf(true))).toMatchObject({ code: 0 })
})

it('the command `scopes` reports every manifest that the mock refuses in one run', async () => {
  const { code, stderr } = await scopes(filesOf(false))
  const named = new Set(
    stderr.split('\n').flatMap((line) => /^(?:portvakt: )?(\d+\.yaml):/.exec(line)?.[1] ?? []),
  )
  expect([code, [...named].sort()]).toEqual([1, filesOf(false).sort()])
})
