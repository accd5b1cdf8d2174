import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock, type IssueTokenOptions } from '../../src/index.js'
import { typeError } from '../type-error.js'

const NOW = Date.UTC(2026, 0, 1) / 1000
const mock = await createMockMaskinporten({ clock: createTestClock(NOW * 1000) })

const organisation = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` })

it('issueToken issues a token with exactly Maskinporten’s header members and claims', async () => {
  const token = await mock.issueToken()
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: expect.stringMatching(/^[\w-]{43}$/) })
  expect(decodeJwt(token)).toEqual({
    scope: 'portvakt:demo.read',
    iss: 'https://test.maskinporten.no/',
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    exp: NOW + 120,
    iat: NOW,
    client_id: mock.env['MASKINPORTEN_CLIENT_ID'],
    jti: expect.stringMatching(/^[\w-]{43}$/),
    consumer: organisation('314330897'),
  })
})

const [other, source] = ['991825827', 'https://www.altinn.no']
const foreign = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555', countryName: 'NO' }
const details = [{ type: 'urn:altinn:consent' }]
it.each<[IssueTokenOptions, Record<string, unknown>]>([
  [{ scope: ['nav:a', 'nav:b'] }, { scope: 'nav:a nav:b' }],
  // Digdir’s own examples have wrong check digits.
  [{ consumer: '123456789' }, { consumer: organisation('123456789') }],
  [{ consumer: foreign }, { consumer: foreign }],
  [{ supplier: other }, { supplier: organisation(other), delegation_source: 'https://tt02.altinn.no/' }],
  [{ supplier: other, delegationSource: source }, { delegation_source: source }],
  [
    { clientId: 'x', clientAmr: 'virksomhetssertifikat' },
    { client_id: 'x', client_amr: 'virksomhetssertifikat' },
  ],
  [
    { pid: '01010199999', issuer: 'https://x.no/' },
    { pid: '01010199999', iss: 'https://x.no/' },
  ],
  [
    { audience: 'https://a.no', authorizationDetails: details },
    { aud: 'https://a.no', authorization_details: details },
  ],
  [{ audience: ['https://a.no', 'https://b.no'] }, { aud: ['https://a.no', 'https://b.no'] }],
  [{ expiresIn: 30 }, { iat: NOW, exp: NOW + 30 }],
  [{ expiresIn: -5 }, { iat: NOW - 125, exp: NOW - 5 }],
  [{ claims: { sub: 'x', scope: 7 } }, { sub: 'x', scope: 7 }],
])('issueToken turns the options %j into the claims %j', async (options, claims) => {
  expect(decodeJwt(await mock.issueToken(options))).toEqual(expect.objectContaining(claims))
})

it.each(['0192:889640782', '12345678', '1234567890'])(
  'issueToken refuses the consumer %j',
  async (consumer) => {
    await expect(mock.issueToken({ consumer })).rejects.toThrow(typeError(/nine digits.*\{ authority, ID \}/))
  },
)

it('issueToken omits an undefined claim and an undefined header member', async () => {
  const header = { kid: undefined, typ: 'JWT' }
  const token = await mock.issueToken({ claims: { exp: undefined }, header })
  expect(decodeJwt(token)).not.toHaveProperty('exp')
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' })
})

it.each(['RS256', 'RS384', 'RS512'] as const)('issueToken signs with the algorithm %s', async (algorithm) => {
  const token = await mock.issueToken({ algorithm })
  const options = { currentDate: new Date(NOW * 1000), algorithms: [algorithm] }
  await expect(jwtVerify(token, createLocalJWKSet(mock.jwks()), options)).resolves.toBeDefined()
})

it.each<[string, object]>([
  ['alg', { alg: 'none' }],
  ['crit', { crit: ['x'], x: 1 }],
  ['b64', { b64: false }],
])('issueToken writes invalid header parameters that signing libraries refuse: %s', async (_name, header) => {
  const [encoded = ''] = (await mock.issueToken({ header: { ...header } })).split('.')
  expect(JSON.parse(Buffer.from(encoded, 'base64url').toString())).toMatchObject(header)
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { scopes: ['nav:a'] }, /no option `scopes`/],
  ['claims that are a Map', { claims: new Map([['pid', '1']]) }, /^`claims` takes a plain object/],
  ['audiences that are a Set', { audience: new Set(['https://a.no']) }, /`audience` must be a list/],
  ['an algorithm other than Maskinporten’s', { algorithm: 'PS256' }, /`algorithm` must be one of RS256/],
  ['a scope that is a number', { scope: 7 }, /`scope` must be a list/],
  ['a list of scopes that has a number', { scope: [7] }, /`scope` must be a string, or a list of strings/],
  ['a person that is a number', { pid: 1 }, /`pid` must be a string: write any other value in `claims`/],
  ['a consumer that is a number', { consumer: 1 }, /`consumer` must be an organisation number.*`claims`/],
  ['a supplier that is true', { supplier: true }, /`supplier` must be an organisation number/],
  ['a lifetime that is NaN', { expiresIn: Number.NaN }, /`expiresIn` must be a number/],
])('issueToken refuses %s', async (_title, options, message) => {
  await expect(mock.issueToken(options)).rejects.toThrow(typeError(message))
})
