import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { Altinn } from '../../src/altinn/altinn.js'
import type { MockClientRegistration, MockScope } from '../../src/index.js'
import { Registry } from '../../src/registry/registry.js'

const OWNER = '314330897'
const newRegistry = () => new Registry(new Altinn())

function publicKey(modulusLength: number) {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' })
  return { kty: 'RSA', kid: 'k', n: n ?? '', e: e ?? '' }
}

describe('a scope', () => {
  it('is granted to everybody for two minutes, unless said otherwise', () => {
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
  })

  it('is replaced by another of its name, so that a test can change its grants', () => {
    const registry = newRegistry()
    registry.addScope({ name: 'nav:a' })
    registry.addScope({ name: 'nav:a', consumers: [] })
    expect(registry.scope('nav:a')?.consumers).toEqual([])
  })

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /A scope takes an object/],
    ['no name', {}, /full `name`.*: it is undefined$/],
    ['a name that is a list', { name: ['nav:a'] }, /full `name`.*: it is object$/],
    [
      'a name from nais.yaml',
      { name: 'sykepenger/afp.read' },
      /full `name`, prefix:subscope, such as nav:\S+: "sykepenger\/afp\.read" has no prefix$/,
    ],
    ['two names in one', { name: 'nav:a nav:b' }, /full `name`.*: "nav:a nav:b" has white space$/],
    ['a name of many characters', { name: 'a'.repeat(9999) }, /: "a{100}" has no prefix$/],
    // Misspelt, it would be granted to everybody.
    ['a misspelt option', { name: 'nav:a', consumer: [OWNER] }, /no option `consumer`.*consumers/],
    [
      'inherited consumers',
      Object.assign(Object.create({ consumers: [OWNER] }), { name: 'nav:a' }),
      /`consumers`.*Copy/,
    ],
    ['consumers with a hole', { name: 'nav:a', consumers: new Array(1) }, /`consumers\[0\]` is undefined/],
    ['one consumer without a list', { name: 'nav:a', consumers: OWNER }, /`consumers` must be a list/],
    ['a consumer with its ICD', { name: 'nav:a', consumers: [`0192:${OWNER}`] }, /`consumers` of nav:a/],
    ['no lifetime', { name: 'nav:a', maxAge: 0 }, /`maxAge` of nav:a/],
    ['an endless lifetime', { name: 'nav:a', maxAge: 1e9 }, /`maxAge` of nav:a/],
    ['a part of a second', { name: 'nav:a', maxAge: 0.5 }, /`maxAge` of nav:a.*whole/],
    ['a lifetime as text', { name: 'nav:a', maxAge: '60' }, /`maxAge` of nav:a/],
    ['one integration without a list', { name: 'nav:a', allowedIntegrations: 'krr' }, /must be a list/],
    ['a delegation source that is a name', { name: 'nav:a', delegationSource: 'altinn' }, /absolute URI/],
    ['an `enabled` that is text', { name: 'nav:a', enabled: 'false' }, /`enabled` of nav:a/],
  ])('with %s is a mistake', (_title, scope, message) => {
    const add = () => newRegistry().addScope(scope as MockScope)
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
  })
})

describe('a client', () => {
  it('belongs to the given owner, and may ask for nothing, unless said otherwise', () => {
    const registry = newRegistry()
    const client = registry.addClient({}, OWNER)
    expect(client).toMatchObject({ organisationNumber: OWNER, integrationType: 'maskinporten' })
    expect(registry.scopesOf(client)).toEqual([])
    expect(registry.client(client.clientId)).toBe(client)
  })

  it('may ask for every scope there is at the time, when it is the default one', () => {
    const registry = newRegistry()
    const client = registry.addClient({}, OWNER, true)
    registry.addScope({ name: 'nav:late' })
    expect(registry.scopesOf(client)).toEqual(['nav:late'])
  })

  it('keeps what was registered, whatever becomes of the caller’s lists', () => {
    const scopes = ['nav:a']
    const delegated = ['nav:a']
    const delegations = [{ consumer: '910076787', scopes: delegated }]
    const altinn = new Altinn()
    const registry = new Registry(altinn)
    const client = registry.addClient({ scopes, delegations }, OWNER)
    scopes.push('nav:b')
    delegated.push('nav:b')
    expect(registry.scopesOf(client)).toEqual(['nav:a'])
    expect(altinn.hasDelegated('910076787', OWNER, 'nav:a')).toBe(true)
    expect(altinn.hasDelegated('910076787', OWNER, 'nav:b')).toBe(false)
  })

  test.each<[string, unknown, RegExp]>([
    ['an unknown option', { scope: ['nav:a'] }, /A client has no option `scope`/],
    ['an empty id', { clientId: '' }, /`clientId`/],
    ['an id that is no text', { clientId: 7 }, /`clientId`/],
    ['no integration type', { integrationType: '' }, /`integrationType`/],
    ['another way to authenticate', { authentication: 'secret' }, /'key' or 'certificate'/],
    ['a certificate and a key', { authentication: 'certificate', jwk: publicKey(2048) }, /leave `jwk` out/],
    [
      'an organisation of eight digits',
      { organisationNumber: '12345678' },
      /"12345678" is not an organisation/,
    ],
    // In a string, `includes` would find a part of a name.
    ['one scope without a list', { scopes: 'nav:a' }, /`scopes` must be a list/],
    ['one delegation without a list', { delegations: {} }, /`delegations` must be a list/],
    ['a delegation from nobody', { delegations: [{ scopes: [] }] }, /not an organisation number/],
    ['a delegation of nothing', { delegations: [{ consumer: OWNER }] }, /`scopes` must be a list/],
    [
      'a misspelt delegation',
      { delegations: [{ consumer: OWNER, scope: [] }] },
      /A delegation has no option `scope`/,
    ],
    ['a key without a name', { jwk: { ...publicKey(2048), kid: undefined } }, /public RSA key with kid/],
    ['a key of another kind', { jwk: { kty: 'EC', kid: 'k' } }, /public RSA key/],
    ['a private key', { jwk: { ...publicKey(2048), d: 'd' } }, /private key/],
    ['a key that is too small', { jwk: publicKey(1024) }, /at least 2048 bits/],
    ['what is no key at all', { jwk: { kty: 'RSA', kid: 'k', n: 'n', e: 'e' } }, /at least 2048 bits/],
  ])('with %s is a mistake', (_title, registration, message) => {
    const add = () => newRegistry().addClient(registration as MockClientRegistration, OWNER)
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
  })

  it('is a mistake the second time', () => {
    const registry = newRegistry()
    registry.addClient({ clientId: 'a' }, OWNER)
    expect(() => registry.addClient({ clientId: 'a' }, OWNER)).toThrow(/a client a already/)
  })
})
