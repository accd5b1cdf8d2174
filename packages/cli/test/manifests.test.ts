import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumerOf, PROVIDER, READ } from '../../mock/test/nais/manifests.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portvakt-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** Runs a command beside a manifest, where no mock runs. */
async function run(
  yaml: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  await writeFile(join(directory, 'nais.yaml'), yaml)
  return new Promise((resolve) => {
    const env = { ...process.env, PORTVAKT_MOCK_URL: 'http://127.0.0.1:1/' }
    execFile(process.execPath, [MAIN, ...args], { cwd: directory, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

const WARNED = PROVIDER.replace('image:', 'port: 7164\n  image:')
const WITHOUT = PROVIDER.replace(/ {2}maskinporten:[\s\S]*/, '')
const REFUSED = PROVIDER.replace('product: helse', 'product: helse\n          delegationSource: altinn')

/** Every command that reads manifests. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['scopes', ['scopes', 'nais.yaml']],
  ['check-manifest', ['check-manifest', 'nais.yaml', '--guards', READ]],
  ['run', ['run', '--port', '0', '--nais', 'nais.yaml', '--', process.execPath, '-e', '']],
]

describe.each(COMMANDS)('%s', (_name, args) => {
  it('ends with 0 and prints warnings on standard error, once', async () => {
    const { code, stdout, stderr } = await run(WARNED, ...args)
    expect([code, stderr.match(/^warning: nais\.yaml:13: spec\.port 7164 is Texas’s/gm)?.length]).toEqual([
      0, 1,
    ])
    expect(stdout).not.toContain('7164')
  })

  it('ends with 1 where NAIS refuses the manifest, and prints its rule', async () => {
    const { code, stderr } = await run(REFUSED, ...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/nais\.yaml:20: .*delegationSource needs `separator: "\/"` next to it/)
  })
})

it('scopes says in one line that a manifest has no `maskinporten`', async () => {
  expect(await run(WITHOUT, 'scopes', 'nais.yaml')).toEqual({
    code: 0,
    stdout: 'no scopes\n',
    stderr:
      'warning: nais.yaml:12: spec has no `maskinporten`: the app gets no client and exposes no scopes\n',
  })
})

it('scopes tells what is wrong in every file of one run', async () => {
  await writeFile(join(directory, 'other.yaml'), 'a: [')
  const { code, stderr } = await run(REFUSED, 'scopes', 'nais.yaml', 'other.yaml')
  expect(code).toBe(1)
  expect(stderr).toContain('nais.yaml:20:')
  expect(stderr).toContain('other.yaml:1: is not YAML')
})

describe('--ungranted', () => {
  const script = 'process.stdout.write(process.env.MASKINPORTEN_SCOPES)'
  const args = ['run', '--port', '0', '--expose', READ, '--nais', 'nais.yaml']
  const command = ['--', process.execPath, '-e', script]

  it('drop: leaves a scope without a grant off the client, and prints the condition', async () => {
    const ended = await run(consumerOf(READ, 'skatt:x'), ...args, '--ungranted', 'drop', ...command)
    expect(ended).toMatchObject({ code: 0, stdout: `${READ} skatt:x` })
    expect(ended.stderr).toContain(
      'warning: caller: InvalidConsumedScopes: Organization has no access to scopes: [skatt:x]\n',
    )
  })

  it('is fail unless said: nothing is started', async () => {
    const ended = await run(consumerOf(READ, 'skatt:x'), ...args, ...command)
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('skatt:x, which no provider exposes'),
    })
  })

  it('any other value is wrong on the command line', async () => {
    const ended = await run(consumerOf(READ), ...args, '--ungranted', 'ignore', ...command)
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('fail, drop') })
  })
})
