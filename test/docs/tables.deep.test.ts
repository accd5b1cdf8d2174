import type ts from 'typescript5'
import { expect, it, test } from 'vitest'
import { readConfiguration } from '../../packages/client/src/configuration.js'
import { readConfig } from '../../packages/core/src/config/validator-options.js'
import { MaskinportenError } from '../../packages/core/src/errors/maskinporten-error.js'
import { type MaskinportenReason, REASONS } from '../../packages/core/src/errors/reasons/reasons.js'
import { denialOf } from '../../packages/core/src/http/denial.js'
import { ADAPTERS } from '../adapters.mjs'
import { PACKAGES, read } from './blocks.js'
import { exportsOf, LIBRARIES, packagesProgram } from './compiler.js'
import { rowsOf } from './table.js'

/** The names in the first column of a table, without arguments, values, `@` and inner members. */
const namesIn = (file: string, ...heading: readonly string[]): string[] =>
  rowsOf(read(file), ...heading).flatMap(([cell = '']) =>
    [...cell.matchAll(/`@?(\w+)[^`]*`/g)].map(([, name = '']) => name),
  )

function exported(name: string, type: string, door = 'index'): ts.Symbol {
  const found = exportsOf(name, door).find((symbol) => symbol.name === type)
  return found ?? expect.unreachable(`${name} does not export ${type}`)
}

/** The members of an exported interface, class or options type. */
function membersOf(name: string, type: string): string[] {
  const checker = packagesProgram().getTypeChecker()
  const declared = checker.getDeclaredTypeOfSymbol(exported(name, type))
  return declared.getProperties().flatMap((member) => (member.name.startsWith('#') ? [] : member.name))
}

/** Whether a re-exported symbol can be called or constructed. */
function isCallable(symbol: ts.Symbol): boolean {
  const checker = packagesProgram().getTypeChecker()
  const type = checker.getTypeOfSymbol(checker.getAliasedSymbol(symbol))
  return type.getCallSignatures().length + type.getConstructSignatures().length > 0
}

const REFERENCE = 'docs/reference.md'
const OF_VALIDATOR = 'option of `createMaskinportenValidator`'
const CLIENT = 'packages/client/README.md'
const MOCK = 'packages/mock/README.md'

const CORE = 'packages/core/README.md'

test.each<[file: string, heading: readonly string[], name: string, type: string, elsewhere?: string]>([
  [REFERENCE, ['member', 'what it requires'], 'core', 'AccessRule'],
  [REFERENCE, ['member', 'claim'], 'core', 'VerifiedToken'],
  [REFERENCE, [OF_VALIDATOR], 'core', 'MaskinportenValidatorOptions'],
  [REFERENCE, ['option in `keys`'], 'core', 'KeyOptions'],
  [CORE, ['member of the validator'], 'core', 'MaskinportenValidator', 'refuseUnguarded'],
  [CLIENT, ['member'], 'client', 'MaskinportenClient'],
  [CLIENT, ['option'], 'client', 'MaskinportenClientOptions'],
  [MOCK, ['a provisioned app'], 'mock', 'ProvisionedApp'],
])('in %s, the table headed %j has every member of %s’s %s', (file, heading, name, type, elsewhere) => {
  const members = membersOf(name, type).filter((member) => member !== elsewhere)
  expect(namesIn(file, ...heading).sort()).toEqual(members.sort())
})

it('the reference’s table of Texas options lists exactly the options that only a Texas validator has', () => {
  const ordinary = membersOf('core', 'MaskinportenValidatorOptions')
  const own = membersOf('core', 'TexasValidatorOptions').filter((option) => !ordinary.includes(option))
  expect(namesIn(REFERENCE, 'option', 'default').sort()).toEqual(own.sort())
})

it('the mock’s table with the heading “other members” lists only members of the mock', () => {
  const members = membersOf('mock', 'MockMaskinporten')
  for (const name of namesIn(MOCK, 'other members')) expect(members).toContain(name)
})

test.each([
  ['other exports', 'index'],
  ['export', 'adapter'],
])('core’s table with the heading %j lists only exports of the entry point %s', (heading, door) => {
  for (const name of namesIn(CORE, heading)) exported('core', name, door)
})

test.each(ADAPTERS.map(({ name }) => name))(
  'the README’s table of %s lists its own functions and classes',
  (name) => {
    const shared = new Set(exportsOf('core').map((symbol) => symbol.name))
    const own = exportsOf(name).filter((symbol) => !shared.has(symbol.name) && isCallable(symbol))
    // Words after a dot are members, such as `request.maskinporten`.
    const named = rowsOf(read(`packages/${name}/README.md`), 'name').flatMap(
      ([cell = '']) => cell.match(/(?<![.\w])\w+/g) ?? [],
    )
    expect(own.length).toBeGreaterThan(1)
    expect(named).toEqual(expect.arrayContaining(own.map((symbol) => symbol.name)))
  },
)

it('the root README lists every package', () => {
  const packages = namesIn('README.md', 'package').map((one) => one.replace('portvakt', ''))
  expect(packages).toHaveLength(PACKAGES.length)
  for (const name of PACKAGES)
    expect(read('README.md')).toContain(`| [\`@portvakt/${name}\`](packages/${name}/README.md)`)
  expect(LIBRARIES.length + 1).toBe(PACKAGES.length)
})

const config = readConfig({ environment: 'test' })
const { keyOptions, tokenCache } = config
const client = readConfiguration({ texas: 'http://127.0.0.1:7164/token' })
const seconds = (count: number) => `${count.toLocaleString('en')} s`

const cached = `${tokenCache?.maxTokens} tokens, ${(tokenCache?.maxBytes ?? 0) / 1024 ** 2} MiB`
const timeouts = [client.attemptTimeout, client.totalTimeout].map((ms) => seconds(ms / 1000)).join(', ')

test.each<[file: string, heading: string, option: string, text: string]>([
  [REFERENCE, OF_VALIDATOR, 'algorithms', config.algorithms.join(', ')],
  [REFERENCE, OF_VALIDATOR, 'clockTolerance', seconds(config.clockTolerance)],
  [REFERENCE, OF_VALIDATOR, 'maxTokenLifetime', `${config.maxTokenLifetime / 3600} h`],
  [REFERENCE, OF_VALIDATOR, 'maxTokenLength', `${config.maxTokenLength / 1024} KiB`],
  [REFERENCE, OF_VALIDATOR, 'realm', `\`${config.realm}\``],
  [REFERENCE, OF_VALIDATOR, 'tokenCache', cached],
  [REFERENCE, 'option in `keys`', 'maxAge', `${seconds(keyOptions.maxAge)} (±10 %)`],
  [REFERENCE, 'option in `keys`', 'staleWhileRevalidate', seconds(keyOptions.staleWhileRevalidate)],
  [REFERENCE, 'option in `keys`', 'staleIfError', seconds(keyOptions.staleIfError)],
  [REFERENCE, 'option in `keys`', 'cooldown', seconds(keyOptions.cooldown)],
  [REFERENCE, 'option in `keys`', 'timeout', seconds(keyOptions.timeout)],
  [CLIENT, 'option', 'attemptTimeout', timeouts],
  [CLIENT, 'option', 'maxTokens', `${client.maxTokens}`],
])('in %s, the table headed %j has the default of `%s`: %s', (file, heading, option, text) => {
  const row = rowsOf(read(file), heading).find(([cell]) => cell?.includes(`\`${option}\``))
  expect(row?.[1]).toBe(text)
})

it('the table of answers in the root README has exactly the statuses and error codes of all reasons', () => {
  const written = rowsOf(read('README.md'), 'case').map(([, status = '', challenge = '']) =>
    [Number.parseInt(status, 10), /(?<=error=")\w+/.exec(challenge)?.[0]].join(' '),
  )
  const given = new Set(
    Object.keys(REASONS).map((reason) => {
      const { status, headers } = denialOf(new MaskinportenError(reason as MaskinportenReason))
      return [status, /(?<=error=")\w+/.exec(headers['www-authenticate'] ?? '')?.[0]].join(' ')
    }),
  )
  expect([...given].sort()).toEqual(written.sort())
})
