import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { consumerOf, PROVIDER, READ } from '../../mock/test/nais/manifests.js'
import { ALL, isTaken } from '../../mock/test/nais/verdicts.js'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { portvakt, scriptOf } from './cli.js'

const directory = await temporaryDirectory()

/** Runs a command in a directory that contains the manifest `nais.yaml`. */
async function run(yaml: string, ...args: string[]) {
  await writeFile(join(directory, 'nais.yaml'), yaml)
  return portvakt(args, {}, { cwd: directory })
}

const WARNED = PROVIDER.replace('image:', 'port: 7164\n  image:')
const WITHOUT = PROVIDER.replace(/ {2}maskinporten:[\s\S]*/, '')
const REFUSED = PROVIDER.replace('product: helse', 'product: helse\n          delegationSource: altinn')

/** The commands that read manifests, each with its arguments. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['scopes', ['scopes', 'nais.yaml']],
  ['check-manifest', ['check-manifest', 'nais.yaml', '--guards', READ]],
  ['run', ['run', '--port', '0', '--nais', 'nais.yaml', ...scriptOf('')]],
]

it.each(COMMANDS)('`%s` exits with 0 and prints a manifest’s warning once on stderr', async (_name, args) => {
  const { code, stdout, stderr } = await run(WARNED, ...args)
  const warnings = stderr.match(/^warning: nais\.yaml:13: spec\.port 7164 is Texas’s/gm) ?? []
  expect([code, warnings.length]).toEqual([0, 1])
  expect(stdout).not.toContain('7164')
})

it.each(COMMANDS)(
  '`%s` exits with 1 for a manifest that NAIS refuses, and prints the rule',
  async (_name, args) => {
    const stderr = expect.stringMatching(
      /nais\.yaml:20: .*delegationSource needs `separator: "\/"` next to it/,
    )
    expect(await run(REFUSED, ...args)).toEqual({ code: 1, stdout: '', stderr })
  },
)

it('`run` exits with 1 and names the manifest in which maskinporten is not enabled', async () => {
  const disabled = PROVIDER.replace('enabled: true', 'enabled: false')
  const ended = await run(disabled, 'run', '--port', '0', '--nais', 'nais.yaml', ...scriptOf(''))
  const stderr = expect.stringContaining('maskinporten enabled: set `enabled: true` in nais.yaml\n')
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr })
})

const TEMPLATE = PROVIDER.replaceAll('sykepenger', '{{area}}')
const check = (guards: string) =>
  run(TEMPLATE, 'check-manifest', 'nais.yaml', '--guards', guards, '--var', 'area=sykepenger')

it('`check-manifest` exits with 0 only if the manifest exposes every guarded scope', async () => {
  expect(await check(READ)).toEqual({ code: 0, stdout: expect.stringContaining(READ), stderr: '' })
  const stderr = expect.stringMatching(/nais\.yaml:17: .* a guard requires "nav:x"/)
  expect(await check(`nav:x, ${READ}`)).toEqual({ code: 1, stdout: '', stderr })
})

it('`scopes` warns in one line about a manifest without `maskinporten`', async () => {
  const stderr = expect.stringMatching(/^warning: nais\.yaml:12: spec has no `maskinporten`.*\n$/)
  expect(await run(WITHOUT, 'scopes', 'nais.yaml')).toEqual({ code: 0, stdout: 'no scopes\n', stderr })
})

/** Runs `scopes` with all recorded manifests that the mock accepts or, if `isAccepted` is false, refuses. */
async function scopesOf(isAccepted: boolean) {
  const manifests = ALL.filter((verdict) => isTaken(verdict) === isAccepted)
  const files = manifests.map((_manifest, index) => `${isAccepted}-${index}.yaml`)
  await Promise.all(manifests.map(({ yaml }, index) => writeFile(join(directory, files[index] ?? ''), yaml)))
  return { files, ...(await portvakt(['scopes', ...files], {}, { cwd: directory })) }
}

it('`scopes` accepts every manifest that the mock accepts, and reports all others in one run', async () => {
  expect(await scopesOf(true)).toMatchObject({ code: 0 })
  const { files, code, stderr } = await scopesOf(false)
  const named = stderr.split('\n').flatMap((line) => /^(?:portvakt: )?(\S+\.yaml):/.exec(line)?.[1] ?? [])
  expect(code).toBe(1)
  expect([...new Set(named)].sort()).toEqual(files.sort())
})

it('only with `--ungranted drop`, `run` starts its command despite an ungranted scope, and prints a warning', async () => {
  const command = scriptOf('process.stdout.write(process.env.MASKINPORTEN_SCOPES)')
  const args = ['run', '--port', '0', '--expose', READ, '--nais', 'nais.yaml']
  const started = (...options: string[]) => run(consumerOf(READ, 'skatt:x'), ...args, ...options, ...command)
  const ended = await started('--ungranted', 'drop')
  expect(ended).toMatchObject({ code: 0, stdout: `${READ} skatt:x` })
  const condition = 'InvalidConsumedScopes: Organization has no access to scopes: [skatt:x]'
  expect(ended.stderr).toContain(`warning: caller: ${condition}\n`)
  const stderr = expect.stringContaining('skatt:x, which no provider exposes')
  expect(await started()).toMatchObject({ code: 1, stdout: '', stderr })
})
