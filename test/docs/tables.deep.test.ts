import ts from 'typescript5'
import { describe, expect, it, test } from 'vitest'
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
const namesIn = (file: string, ...heading: readonly string[]) =>
  rowsOf(read(file), ...heading).flatMap(([cell = '']) =>
    [...cell.matchAll(/`@?(\w+)[^`]*`/g)].map(([, name = '']) => name),
  )

function exported(name: string, type: string, door = 'index'): ts.Symbol {
  const found = exportsOf(name, door).find((symbol) => symbol.name === type)
  return found ?? expect.unreachable(`${name} does not export ${type}`)
}

/** The members of an exported interface, class or options type. */
function membersOf(name: string, type: string): readonly string[] {
  const checker = packagesProgram().getTypeChecker()
  const declared = checker.getDeclaredTypeOfSymbol(exported(name, type))
  return declared.getProperties().flatMap((member) => (member.name.startsWith('#') ? [] : member.name))
}

/** Whether a re-exported symbol is a function or a class. */
function isCallable(symbol: ts.Symbol): boolean {
  const { flags } = packagesProgram().getTypeChecker().getAliasedSymbol(symbol)
  return (flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) !== 0
}

const REFERENCE = 'docs/reference.md'
const CLIENT = 'packages/client/README.md'
const MOCK = 'packages/mock/README.md'

test.each<
  [file: string, heading: readonly string[], name: string, type: string, elsewhere?: readonly string[]]
>([
  [REFERENCE, ['member', 'what it requires'], 'core', 'AccessRule'],
  [REFERENCE, ['member', 'claim'], 'core', 'VerifiedToken'],
  [REFERENCE, ['option of `createMaskinportenValidator`'], 'core', 'MaskinportenValidatorOptions'],
  [REFERENCE, ['option in `keys`'], 'core', 'KeyOptions'],
  [
    'packages/core/README.md',
    ['member of the validator'],
    'core',
    'MaskinportenValidator',
    ['refuseUnguarded'],
  ],
  [CLIENT, ['member'], 'client', 'MaskinportenClient'],
  [CLIENT, ['option'], 'client', 'MaskinportenClientOptions'],
  [MOCK, ['a provisioned app'], 'mock', 'ProvisionedApp'],
])('in %s, the table headed %j has every member of %s’s %s', (file, heading, name, type, elsewhere = []) => {
  expect([...namesIn(file, ...heading), ...elsewhere].sort()).toEqual([...membersOf(name, type)].sort())
})

it('the reference’s table of Texas options lists exactly the options that only a Texas validator has', () => {
  const ordinary = membersOf('core', 'MaskinportenValidatorOptions')
  const own = membersOf('core', 'TexasValidatorOptions').filter((option) => !ordinary.includes(option))
  expect(namesIn(REFERENCE, 'option', 'default').sort()).toEqual([...own].sort())
})

it('the mock’s table with the heading “other members” lists only members of the mock', () => {
  const members = membersOf('mock', 'MockMaskinporten')
  for (const name of namesIn(MOCK, 'other members')) expect(members).toContain(name)
})

test.each([
  ['other exports', 'index'],
  ['export', 'adapter'],
])('core’s table with the heading %j lists only exports of the entry point %s', (heading, door) => {
  for (const name of namesIn('packages/core/README.md', heading)) exported('core', name, door)
})

describe.each(ADAPTERS.map(({ name }) => name))('the README of %s', (name) => {
  it(`the README of ${name} lists every function and class that ${name} exports itself`, () => {
    const shared = new Set(exportsOf('core').map((symbol) => symbol.name))
    const own = exportsOf(name).filter((symbol) => !shared.has(symbol.name) && isCallable(symbol))
    const named = read(`packages/${name}/README.md`).matchAll(/`@?(\w+)/g)
    expect(own.length).toBeGreaterThan(1)
    expect([...named].map(([, word]) => word)).toEqual(
      expect.arrayContaining(own.map((symbol) => symbol.name)),
    )
  })
})

it('the root README lists every package', () => {
  const packages = namesIn('README.md', 'package').map((one) => one.replace('portvakt', ''))
  expect(packages).toHaveLength(PACKAGES.length)
  for (const name of PACKAGES)
    expect(read('README.md')).toContain(`| [\`@portvakt/${name}\`](packages/${name}/README.md)`)
  expect(LIBRARIES.length + 1).toBe(PACKAGES.length)
})

/** Reads a quantity such as `16 KiB` in the unit of the option: seconds, bytes or a number. */
function quantity(text: string): number {
  const [, number = '', unit = ''] = /^([\d,]+)(?: (h|KiB|MiB))?/.exec(text) ?? []
  const factor = { h: 3600, KiB: 1024, MiB: 1024 ** 2 }[unit] ?? 1
  return Number(number.replace(',', '')) * factor
}

describe('defaults', () => {
  const defaultIn = (file: string, heading: string, option: string) =>
    rowsOf(read(file), heading).find(([cell]) => cell?.includes(`\`${option}\``))?.[1] ?? ''
  const config = readConfig({ environment: 'test' })

  test.each(['clockTolerance', 'maxTokenLifetime', 'maxTokenLength'] as const)(
    'the reference states the default of `%s`',
    (option) => {
      const cell = defaultIn(REFERENCE, 'option of `createMaskinportenValidator`', option)
      expect(quantity(cell)).toBe(config[option])
    },
  )

  test.each(['maxAge', 'staleWhileRevalidate', 'staleIfError', 'cooldown', 'timeout'] as const)(
    'the reference states the default of `keys.%s`',
    (option) => {
      expect(quantity(defaultIn(REFERENCE, 'option in `keys`', option))).toBe(config.keyOptions[option])
    },
  )

  it('the reference has the defaults of algorithms, realm and token cache', () => {
    const cell = (option: string) => defaultIn(REFERENCE, 'option of `createMaskinportenValidator`', option)
    expect(cell('algorithms').split(', ')).toEqual(config.algorithms)
    expect(cell('realm')).toBe(`\`${config.realm}\``)
    const [maxTokens, maxBytes] = cell('tokenCache').split(', ').map(quantity)
    expect({ maxTokens, maxBytes }).toEqual(config.tokenCache)
  })

  it('the README of the client states the defaults of the client’s options', () => {
    const client = readConfiguration({ texas: 'http://127.0.0.1:7164/token' })
    const [attempt = 0, total = 0] = defaultIn(CLIENT, 'option', 'attemptTimeout').split(', ').map(quantity)
    expect([attempt * 1000, total * 1000]).toEqual([client.attemptTimeout, client.totalTimeout])
    expect(quantity(defaultIn(CLIENT, 'option', 'maxTokens'))).toBe(client.maxTokens)
  })
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
