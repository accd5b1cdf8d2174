import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, isTaken } from '../../mock/test/nais/verdicts.js'

describe('the command `scopes`', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'verdicts-'))
    await Promise.all(ALL.map(({ yaml }, index) => writeFile(join(directory, `${index}.yaml`), yaml)))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const filesOf = (isWanted: boolean) =>
    ALL.flatMap((verdict, index) => (isTaken(verdict) === isWanted ? [`${index}.yaml`] : []))
  const scopes = (files: readonly string[]) =>
    new Promise<{ code: number; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, 'scopes', ...files], { cwd: directory }, (error, _stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stderr }),
      )
    })

  it('takes every manifest that the others take', async () => {
    expect(await scopes(filesOf(true))).toMatchObject({ code: 0 })
  })

  it('refuses every manifest that the others refuse, all in one run', async () => {
    const { code, stderr } = await scopes(filesOf(false))
    const named = new Set(
      stderr.split('\n').flatMap((line) => /^(?:portvakt: )?(\d+\.yaml):/.exec(line)?.[1] ?? []),
    )
    expect([code, [...named].sort()]).toEqual([1, filesOf(false).sort()])
  })
})
