import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type IssueTokenOptions,
  type MockMaskinporten,
} from '../../src/index.js'

const NOW = Date.UTC(2026, 0, 1) / 1000
let mock: MockMaskinporten
beforeAll(async () => {
  mock = await createMockMaskinporten({ clock: createTestClock(NOW * 1000) })
})
const claimsOf = async (options?: IssueTokenOptions) => decodeJwt(await mock.issueToken(options))

it('a token has the shape of Maskinporten’s: its claims, and no others', async () => {
  expect(await claimsOf()).toEqual({
    scope: 'portvakt:demo.read',
    iss: 'https://test.maskinporten.no/',
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    exp: NOW + 120,
    iat: NOW,
    client_id: mock.env['MASKINPORTEN_CLIENT_ID'],
    jti: expect.stringMatching(/^[\w-]{43}$/),
    consumer: { authority: 'iso6523-actorid-upis', ID: '0192:314330897' },
  })
})

it('a token’s header has kid and alg, and nothing else', async () => {
  expect(decodeProtectedHeader(await mock.issueToken())).toEqual({
    alg: 'RS256',
    kid: expect.stringMatching(/^[\w-]{43}$/),
  })
})

test.each<[keyof IssueTokenOptions, IssueTokenOptions, Record<string, unknown>]>([
  ['scope', { scope: ['nav:a', 'nav:b'] }, { scope: 'nav:a nav:b' }],
  [
    'consumer',
    { consumer: '889640782' },
    { consumer: { authority: 'iso6523-actorid-upis', ID: '0192:889640782' } },
  ],
  [
    'consumer',
    { consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' } },
    { consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' } },
  ],
  [
    'supplier',
    { supplier: '991825827' },
    {
      supplier: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
      delegation_source: 'https://tt02.altinn.no/',
    },
  ],
  [
    'delegationSource',
    { supplier: '991825827', delegationSource: 'https://www.altinn.no' },
    { delegation_source: 'https://www.altinn.no' },
  ],
  ['audience', { audience: 'https://a.no' }, { aud: 'https://a.no' }],
  ['audience', { audience: ['https://a.no', 'https://b.no'] }, { aud: ['https://a.no', 'https://b.no'] }],
  ['clientId', { clientId: 'x' }, { client_id: 'x' }],
  ['clientAmr', { clientAmr: 'virksomhetssertifikat' }, { client_amr: 'virksomhetssertifikat' }],
  ['pid', { pid: '01010199999' }, { pid: '01010199999' }],
  [
    'authorizationDetails',
    { authorizationDetails: [{ type: 'urn:altinn:consent' }] },
    { authorization_details: [{ type: 'urn:altinn:consent' }] },
  ],
  ['expiresIn', { expiresIn: 30 }, { iat: NOW, exp: NOW + 30 }],
  ['expiresIn', { expiresIn: -5 }, { iat: NOW - 125, exp: NOW - 5 }],
  ['issuer', { issuer: 'https://maskinporten.no/' }, { iss: 'https://maskinporten.no/' }],
  ['claims', { claims: { sub: 'x', scope: 7 } }, { sub: 'x', scope: 7 }],
])('%s is taken up: %j', async (_option, options, claims) => {
  expect(await claimsOf(options)).toMatchObject(claims)
})

it('a claim or a header member that is undefined is left out', async () => {
  const token = await mock.issueToken({ claims: { exp: undefined }, header: { kid: undefined, typ: 'JWT' } })
  expect(decodeJwt(token)).not.toHaveProperty('exp')
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' })
})

it('a consumer that is no organisation number is a mistake in the test', async () => {
  await expect(mock.issueToken({ consumer: '0192:889640782' })).rejects.toThrow(
    /nine digits.*\{ authority, ID \}/,
  )
})

describe('keys', () => {
  it.each(['RS256', 'RS384', 'RS512'] as const)('verify a token signed with %s', async (algorithm) => {
    const token = await mock.issueToken({ algorithm })
    const options = { currentDate: new Date(NOW * 1000), algorithms: [algorithm] }
    await expect(jwtVerify(token, createLocalJWKSet(mock.jwks()), options)).resolves.toBeDefined()
  })

  it('are published without their private part', () => {
    const [key] = mock.jwks().keys
    expect(Object.keys(key ?? {}).sort()).toEqual(['e', 'kid', 'kty', 'n', 'use', 'x5c'])
  })

  it('stay published after a rotation, or not, as asked', async () => {
    const own = await createMockMaskinporten()
    const kid = () => decodeProtectedHeader(first).kid
    const first = await own.issueToken()
    await own.rotateKeys()
    expect(own.jwks().keys).toHaveLength(2)
    expect(decodeProtectedHeader(await own.issueToken()).kid).not.toBe(kid())
    await own.rotateKeys({ keepOld: false })
    expect(own.jwks().keys.map((key) => key.kid)).toEqual([decodeProtectedHeader(await own.issueToken()).kid])
  })
})

test.each<[string, IssueTokenOptions]>([
  ['alg', { header: { alg: 'none' } }],
  ['crit', { header: { crit: ['x'], x: 1 } }],
  ['b64', { header: { b64: false } }],
])(
  'a wrong %s header, which a signing library would refuse, is there for validators to refuse',
  async (_, options) => {
    const token = await mock.issueToken(options)
    const [header = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject(options.header ?? {})
  },
)

test.each<[string, object, RegExp]>([
  ['a misspelt option', { scopes: ['nav:a'] }, /no option `scopes`/],
  ['an inherited supplier', Object.create({ supplier: '991825827' }), /`supplier`.*Copy/],
  ['claims of a class', { claims: new Map([['pid', '01010199999']]) }, /^`claims` takes a plain object/],
  ['a set of audiences', { audience: new Set(['https://a.no']) }, /`audience` must be a list/],
  ['an algorithm that Maskinporten has not', { algorithm: 'PS256' }, /`algorithm` must be one of RS256/],
  ['a lifetime that is no number', { expiresIn: Number.NaN }, /`expiresIn` must be a number/],
])('no token is issued for %s', async (_title, options, message) => {
  await expect(mock.issueToken(options)).rejects.toThrow(TypeError)
  await expect(mock.issueToken(options)).rejects.toThrow(message)
})
