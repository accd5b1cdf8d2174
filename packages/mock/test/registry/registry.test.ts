import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { Altinn } from '../../src/altinn/altinn.js'
import type { MockClientRegistration, MockScope } from '../../src/index.js'
import { Registry } from '../../src/registry/registry.js'
import { typeError } from '../type-error.js'

const OWNER = '314330897'
const newRegistry = () => new Registry(new Altinn())

function publicKey(modulusLength: number) {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' })
  return { kty: 'RSA', kid: 'k', n: n ?? '', e: e ?? '' }
}

it('a scope is granted to every organisation by default, and addScope replaces a scope of the same name', () => {
  const registry = newRegistry()
  registry.addScope({ name: 'nav:a' })
  expect(registry.scope('nav:a')).toEqual({
    name: 'nav:a',
    consumers: 'all',
    maxAge: 120,
    allowedIntegrations: ['maskinporten'],
    delegationSource: 'https://tt02.altinn.no/',
    enabled: true,
  })
  registry.addScope({ name: 'nav:a', consumers: [] })
  expect(registry.scope('nav:a')?.consumers).toEqual([])
})

const FULL = /full `name`, prefix:subscope, such as nav:\S+: "sykepenger\/afp\.read" has no prefix$/
it.each<[string, unknown, RegExp]>([
  ['undefined', undefined, /A scope takes an object/],
  ['a scope that is only a name', 'nav:a' as unknown as object, /write \{ name: 'nav:x\.read' \}$/],
  ['a scope without a name', {}, /full `name`.*: it is undefined$/],
  ['a name from nais.yaml', { name: 'sykepenger/afp.read' }, FULL],
  ['two names in one', { name: 'nav:a nav:b' }, /full `name`.*: "nav:a nav:b" has white space$/],
  ['a name of 9999 characters', { name: 'a'.repeat(9999) }, /: "a{100}" has no prefix$/],
  // Without this error, the scope would be granted to every organisation.
  ['an unknown option', { name: 'nav:a', consumer: [OWNER] }, /no option `consumer`.*consumers/],
  ['a sparse list of consumers', { name: 'nav:a', consumers: new Array(1) }, /`consumers\[0\]` is undefined/],
  ['consumers that are a string', { name: 'nav:a', consumers: OWNER }, /`consumers` must be a list/],
  ['a consumer with its ICD', { name: 'nav:a', consumers: [`0192:${OWNER}`] }, /`consumers` of nav:a/],
  ['a lifetime of 0 s', { name: 'nav:a', maxAge: 0 }, /`maxAge` of nav:a/],
  ['a lifetime of 1e9 s', { name: 'nav:a', maxAge: 1e9 }, /`maxAge` of nav:a/],
  ['a lifetime of 0.5 s', { name: 'nav:a', maxAge: 0.5 }, /`maxAge` of nav:a.*whole/],
  ['integrations that are a string', { name: 'nav:a', allowedIntegrations: 'krr' }, /must be a list/],
  ['a delegation source that is a name', { name: 'nav:a', delegationSource: 'altinn' }, /absolute URI/],
  ['a delegation source that is a URL', { name: 'nav:a', delegationSource: new URL('https://a.no') }, /URI/],
  ['a numeric integration', { name: 'nav:a', allowedIntegrations: [1] }, /`allowedIntegrations` of nav:a/],
  ['an `enabled` that is a string', { name: 'nav:a', enabled: 'false' }, /`enabled` of nav:a/],
])('addScope refuses %s', (_title, scope, message) => {
  expect(() => newRegistry().addScope(scope as MockScope)).toThrow(typeError(message))
})

it('a client belongs to the given owner, and has no scopes unless it is to have every scope', () => {
  const registry = newRegistry()
  const client = registry.addClient({ clientId: 'a' }, OWNER)
  expect(client).toMatchObject({ organisationNumber: OWNER, integrationType: 'maskinporten' })
  expect(registry.client('a')).toBe(client)
  expect(() => registry.addClient({ clientId: 'a' }, OWNER)).toThrow(/a client a already/)
  const defaultClient = registry.addClient({}, OWNER, true)
  registry.addScope({ name: 'nav:late' })
  expect([client, defaultClient].map((one) => registry.scopesOf(one))).toEqual([[], ['nav:late']])
})

it('a client’s scopes and delegations do not change when the caller changes the given lists', () => {
  const [scopes, delegated] = [['nav:a'], ['nav:a']]
  const altinn = new Altinn()
  const registry = new Registry(altinn)
  const delegations = [{ consumer: '910076787', scopes: delegated }]
  const client = registry.addClient({ scopes, delegations }, OWNER)
  scopes.push('nav:b')
  delegated.push('nav:b')
  expect(registry.scopesOf(client)).toEqual(['nav:a'])
  expect(altinn.hasDelegated('910076787', OWNER, 'nav:a')).toBe(true)
  expect(altinn.hasDelegated('910076787', OWNER, 'nav:b')).toBe(false)
})

const KEY = publicKey(2048)
const mistaken = { consumer: OWNER, scope: [] }
it.each<[string, unknown, RegExp]>([
  ['an unknown option', { scope: ['nav:a'] }, /A client has no option `scope`/],
  ['an id that is a number', { clientId: 7 }, /`clientId`/],
  ['an empty integration type', { integrationType: '' }, /`integrationType`/],
  ['authentication by a secret', { authentication: 'secret' }, /'key' or 'certificate'/],
  [
    'a `kid` that Digdir refuses',
    { jwk: { ...KEY, kid: 'a/b+=' } },
    /`kid` of `jwk` must be letters, digits/,
  ],
  ['both a certificate and a key', { authentication: 'certificate', jwk: KEY }, /leave `jwk` out/],
  ['a numeric owner', { organisationNumber: 889640782 }, /^`organisationNumber`: 88.* is not .* as text/],
  ['an owner of eight digits', { organisationNumber: '12345678' }, /"12345678" is not an organisation/],
  // On a string, `includes` would match part of a name.
  ['scopes that are a string', { scopes: 'nav:a' }, /`scopes` must be a list/],
  ['two scopes in one', { scopes: ['nav:a nav:b'] }, /"nav:a nav:b" has white space/],
  ['delegations that are an object', { delegations: {} }, /`delegations` must be a list/],
  ['a delegation without a consumer', { delegations: [{ scopes: [] }] }, /not an organisation number/],
  ['a delegation of a number', { delegations: [{ consumer: OWNER, scopes: [1] }] }, /it is number/],
  ['an unknown option of a delegation', { delegations: [mistaken] }, /A delegation has no option `scope`/],
  ['a kid that is a number', { jwk: { ...KEY, kid: 7 } }, /public RSA key with kid/],
  ['an EC key', { jwk: { kty: 'EC', kid: 'k' } }, /public RSA key/],
  ['a private key', { jwk: { ...KEY, d: 'd' } }, /private key/],
  ['a key of 1024 bits', { jwk: publicKey(1024) }, /at least 2048 bits/],
  ['an invalid key', { jwk: { kty: 'RSA', kid: 'k', n: 'n', e: 'e' } }, /at least 2048 bits/],
])('addClient refuses %s', (_title, registration, message) => {
  const add = () => newRegistry().addClient(registration as MockClientRegistration, OWNER)
  expect(add).toThrow(typeError(message))
})

it('addClient adds neither the client nor a delegation if one of its delegations is wrong', () => {
  const altinn = new Altinn()
  const registry = new Registry(altinn)
  const delegations = [{ consumer: '910076787', scopes: ['nav:a'] }, mistaken] as never
  expect(() => registry.addClient({ clientId: 'a', delegations }, OWNER)).toThrow(/no option `scope`/)
  expect(registry.client('a')).toBeUndefined()
  expect(altinn.hasDelegated('910076787', OWNER, 'nav:a')).toBe(false)
})
