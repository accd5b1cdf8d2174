import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { systemClock } from '../src/clock.js'
import { checkUrl, type IssuerOptions, issuerOf, keySourceFor } from '../src/issuer.js'

const TEST = 'https://test.maskinporten.no/'
const WELL_KNOWN = `${TEST}.well-known/oauth-authorization-server`

beforeEach(() => {
  for (const name of ['ISSUER', 'JWKS_URI', 'WELL_KNOWN_URL']) {
    vi.stubEnv(`MASKINPORTEN_${name}`, undefined)
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const nobody = async () => expect.unreachable('fetched')
const sourceFor = (options: unknown = {}) =>
  keySourceFor(options as IssuerOptions, ['RS256'], systemClock, nobody)

describe('keys that the application gives', () => {
  it('are used as they were then, and nothing is fetched', async () => {
    const jwks = structuredClone((await createMockMaskinporten()).jwks())
    const given = structuredClone(jwks)
    const source = sourceFor({ issuer: TEST, jwks: given })
    given.keys.length = 0
    expect(source.isStatic).toBe(true)
    expect(await source.fetch(new AbortController().signal)).toEqual(jwks)
  })

  it('need an issuer, even where the environment names one', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', TEST)
    for (const options of [{ jwks: { keys: [] } }, { jwksUri: TEST }, { metadataUrl: TEST }]) {
      expect(() => sourceFor(options)).toThrow(
        '`metadataUrl`, `jwksUri` and `jwks` need an `issuer` or an `environment` beside them',
      )
    }
  })
})

describe('the variables', () => {
  it('name nobody without the issuer, and the message says every way to name one', () => {
    const advice =
      /^MASKINPORTEN_ISSUER is not set.*enabled: true.*elsewhere set MASKINPORTEN_ISSUER \(and MASKINPORTEN_JWKS_URI\), or MASKINPORTEN_WELL_KNOWN_URL alone, or pass `environment: 'prod'` or `environment: 'test'` in code$/
    expect(() => sourceFor()).toThrow(advice)
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', WELL_KNOWN)
    vi.stubEnv('MASKINPORTEN_JWKS_URI', `${TEST}jwk`)
    expect(() => sourceFor()).toThrow(advice)
  })

  it('admit both spellings of the issuer, and no other, while only its metadata is known', () => {
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', WELL_KNOWN)
    const source = sourceFor()
    expect(source.issuer()).toBeUndefined()
    expect([TEST, TEST.slice(0, -1)].map((issuer) => source.mayHaveIssued(issuer))).toEqual([true, true])
    for (const other of [WELL_KNOWN, `${TEST}/`, TEST.slice(0, -2), 'h', '', TEST.slice(1)]) {
      expect(source.mayHaveIssued(other)).toBe(false)
    }
  })

  test.each<[string, Record<string, string>]>([
    [
      'MASKINPORTEN_WELL_KNOWN_URL',
      { MASKINPORTEN_WELL_KNOWN_URL: 'http://x.no/.well-known/oauth-authorization-server' },
    ],
    [
      'MASKINPORTEN_WELL_KNOWN_URL',
      { MASKINPORTEN_ISSUER: TEST, MASKINPORTEN_WELL_KNOWN_URL: 'http://x.no/meta' },
    ],
    ['MASKINPORTEN_JWKS_URI', { MASKINPORTEN_ISSUER: TEST, MASKINPORTEN_JWKS_URI: 'http://x.no/jwk' }],
  ])('are called by their names when an address is wrong: %s', (name, variables) => {
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value)
    expect(() => sourceFor()).toThrow(`${name} must be an https: URL`)
  })
})

it('an environment of Digdir’s other than production may be reached by http, where somebody says so', () => {
  expect(sourceFor({ environment: 'test', insecureHttp: true }).issuer()).toBe(TEST)
})

it('production is never reached by http, however it is named', () => {
  const refusal = '`insecureHttp` is refused'
  expect(() => sourceFor({ environment: 'prod', insecureHttp: true })).toThrow(refusal)
  expect(() => sourceFor({ issuer: 'https://maskinporten.no/', insecureHttp: true })).toThrow(refusal)
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://maskinporten.no/')
  expect(() => sourceFor({ insecureHttp: true })).toThrow(refusal)
  expect(() => issuerOf({ insecureHttp: true })).toThrow(refusal)
  vi.unstubAllEnvs()
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', 'https://maskinporten.no/.well-known/oauth-authorization-server')
  expect(() => sourceFor({ insecureHttp: true })).toThrow(refusal)
})

it('keys of an issuer on https never come by http', () => {
  const options = { issuer: 'https://x.no/', insecureHttp: true }
  for (const address of [{ jwksUri: 'http://x.no/jwk' }, { metadataUrl: 'http://x.no/meta' }]) {
    expect(() => sourceFor({ ...options, ...address })).toThrow('must be an https: URL')
  }
})

describe('the issuer alone', () => {
  it('is one, and only its exact spelling is', () => {
    const rule = issuerOf({ environment: 'test' })
    expect(rule.issuer()).toBe(TEST)
    expect(rule.mayHaveIssued(TEST)).toBe(true)
    for (const other of [TEST.slice(0, -1), 'https://maskinporten.no/', '', undefined]) {
      expect(rule.mayHaveIssued(other)).toBe(false)
    }
  })

  it('cannot be told by the address of metadata that nobody reads', () => {
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', WELL_KNOWN)
    expect(() => issuerOf({})).toThrow(
      new TypeError('MASKINPORTEN_ISSUER must be set beside MASKINPORTEN_WELL_KNOWN_URL'),
    )
  })

  it('may be on http only where somebody says so', () => {
    expect(() => issuerOf({ issuer: 'http://mock/' })).toThrow('`issuer` must be an https: URL')
    expect(issuerOf({ issuer: 'http://mock/', insecureHttp: true }).issuer()).toBe('http://mock/')
    expect(() => issuerOf({ issuer: 'http://mock/', insecureHttp: 'yes' as never })).toThrow(
      new TypeError('`insecureHttp` must be true or false'),
    )
  })
})

describe('an address', () => {
  test.each([
    ['https://x.no/'],
    7,
    null,
    undefined,
    new URL('https://x.no/'),
    '',
    'x.no',
    'https://x.no/\n',
    ' https://x.no/',
    'https://x.\tno/',
  ])('is an absolute URL: not %j', (value) => {
    expect(() => checkUrl(value, 'x', true)).toThrow(
      new TypeError('x must be an absolute URL, without white space'),
    )
  })

  test.each(['https://user@x.no/', 'https://:secret@x.no/'])('holds no part of a credential: %s', (url) => {
    expect(() => checkUrl(url, 'x', false)).toThrow('x must not hold a user name or password')
  })

  test.each(['ftp://127.0.0.1/', 'ws://localhost/', 'ftp://mock/', 'file:///etc/keys'])(
    'is http or https, wherever it leads and whatever is allowed: not %s',
    (url) => {
      expect(() => checkUrl(url, 'x', true)).toThrow('x must be an https: URL')
    },
  )

  it('leads by http to this machine, or to where an issuer on http is, if somebody says so', () => {
    expect(checkUrl('http://127.0.0.1:1/', 'x', false).port).toBe('1')
    expect(checkUrl('http://mock:8080/jwk', 'x', true, new URL('http://mock:8080/')).pathname).toBe('/jwk')
    for (const refused of [
      () => checkUrl('http://mock/', 'x', false),
      () => checkUrl('http://other/', 'x', true, new URL('http://mock/')),
      () => checkUrl('http://mock:81/', 'x', true, new URL('http://mock/')),
      () => checkUrl('http://mock/', 'x', true, new URL('https://mock/')),
    ]) {
      expect(refused).toThrow(
        'x must be an https: URL, or lead to this machine. Within a network of your own, `insecureHttp: true` ' +
          'allows http: (of keys and metadata: where the issuer itself is)',
      )
    }
  })
})
