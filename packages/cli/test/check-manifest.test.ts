import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PROVIDER, READ } from '../../mock/test/nais/manifests.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

let directory: string
let file: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portvakt-'))
  file = join(directory, 'nais.yaml')
  await writeFile(file, PROVIDER.replaceAll('sykepenger', '{{area}}'))
})
afterAll(() => rm(directory, { recursive: true }))

/** What a shell sees. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'check-manifest', ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

it('check-manifest ends with 0 when a manifest exposes what is guarded', async () => {
  const { code, stdout, stderr } = await run(file, '--guards', READ, '--var', 'area=sykepenger')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(READ)
})

it('check-manifest ends with 1, and the lines on standard error, when it does not', async () => {
  const args = [file, '--guards', `nav:x, ${READ}`, '--var', 'area=sykepenger']
  const { code, stdout, stderr } = await run(...args)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/nais\.yaml:17: .* a guard requires "nav:x"/)
})

it('check-manifest ends with 2 without guards', async () => {
  expect(await run(file)).toMatchObject({ code: 2, stdout: '' })
})
