import { createTestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { EndpointOptions } from '../src/endpoint-options.js'
import type { Fetch } from '../src/exchange.js'
import { allowsHttp, namedIssuer, tokenEndpointFinder } from '../src/token-endpoint.js'
import { attempt } from './kit.js'

const WELL_KNOWN = '.well-known/oauth-authorization-server'
const OPENID = '.well-known/openid-configuration/'
const metadata = { issuer: 'https://x.no/', token_endpoint: 'https://x.no/token' }

let asked: string[]
let answer: () => Response
beforeEach(() => {
  asked = []
  answer = () => Response.json(metadata)
})

const fetch: Fetch = async (input, init) => {
  asked.push(`${String(input)} ${new Headers(init?.headers).get('accept')}`)
  return answer()
}
const OTHERS = { MASKINPORTEN_ISSUER: 'https://z.no/', MASKINPORTEN_TOKEN_ENDPOINT: 'https://z.no/t' }

type Variables = Readonly<Record<string, string>>
const naisVariables = (variables: Variables) => ({
  read: (name: string) => variables[name],
  missing: (name: string) => `${name} is missing`,
})

const byVariables = (variables: Variables, options: EndpointOptions = {}) => {
  const wire = { fetch, clock: createTestClock() }
  const find = tokenEndpointFinder(options, naisVariables(variables), wire)
  return () => find(attempt().signal)
}
const byOptions = (options: EndpointOptions) => byVariables(OTHERS, options)

const NOT_HTTPS = (name: string) =>
  `${name} must be an https: URL, or an http: URL of this machine. Within your own network, \`insecureHttp: true\` ` +
  'allows http: for an issuer, and for endpoints on the origin of that issuer'

const NO_PRODUCTION = "`insecureHttp` is refused with Maskinporten's production environment"
const NOT_ABSOLUTE = (name: string) => `${name} must be an absolute URL, without white space and quotes`

describe('a token endpoint in the options', () => {
  it('a token endpoint in the options is used without reading metadata', async () => {
    const options = { issuer: 'https://x.no', tokenEndpoint: 'https://y.no/token' }
    expect(await byOptions(options)()).toEqual(options)
    expect(asked).toEqual([])
  })

  test.each([
    ['prod', 'https://maskinporten.no/'],
    ['test', 'https://test.maskinporten.no/'],
  ] as const)(
    'the token endpoint of %s is read from the metadata of Digdir’s environment',
    async (environment, issuer) => {
      answer = () => Response.json({ issuer, token_endpoint: `${issuer}token` })
      expect(await byOptions({ environment })()).toEqual({ issuer, tokenEndpoint: `${issuer}token` })
      expect(asked).toEqual([`${issuer}${WELL_KNOWN} application/json`])
    },
  )

  it('metadata of an issuer without a final slash is found, and is used only for exactly that issuer', async () => {
    answer = () => Response.json({ ...metadata, issuer: 'https://x.no' })
    expect((await byOptions({ issuer: 'https://x.no' })()).issuer).toBe('https://x.no')
    expect(asked).toEqual([`https://x.no/${WELL_KNOWN} application/json`])
    await expect(byOptions({ issuer: 'https://x.no/' })()).rejects.toMatchObject({
      code: 'unexpected_answer',
    })
  })

  test.each<[object, string]>([
    [{ environment: 'ver2' }, "`environment` must be 'prod' or 'test'"],
    [{ environment: 'toString' }, "`environment` must be 'prod' or 'test'"],
    [{ environment: 'test', issuer: 'https://x.no/' }, 'Give `environment` or `issuer`, not both'],
    [{ issuer: 'x' }, NOT_ABSOLUTE('`issuer`')],
    [{ issuer: new URL('https://x.no/') }, NOT_ABSOLUTE('`issuer`')],
    [{ issuer: 'https://x.no/\n' }, NOT_ABSOLUTE('`issuer`')],
    [{ issuer: 'https://x.no/', tokenEndpoint: 'token' }, NOT_ABSOLUTE('`tokenEndpoint`')],
    [
      { issuer: 'https://x.no/', tokenEndpoint: 'https://u:p@x.no/' },
      '`tokenEndpoint` must not hold a user name or password',
    ],
    [{ issuer: 'http://x.no/' }, NOT_HTTPS('`issuer`')],
    [{ issuer: 'https://x.no/', tokenEndpoint: 'http://x.no/token' }, NOT_HTTPS('`tokenEndpoint`')],
    [{ environment: 'test', insecureHttp: 'yes' }, '`insecureHttp` must be true or false'],
    [{ environment: 'prod', insecureHttp: true }, NO_PRODUCTION],
    [{ issuer: 'https://maskinporten.no/', insecureHttp: true }, NO_PRODUCTION],
  ])('tokenEndpointFinder throws for the options %j', (options, message) => {
    expect(() => byOptions(options)).toThrow(new TypeError(message))
  })
})

describe('a token endpoint in the variables', () => {
  it('a token endpoint in the variables is used without reading metadata', async () => {
    const endpoint = byVariables({
      MASKINPORTEN_ISSUER: 'https://x.no/',
      MASKINPORTEN_TOKEN_ENDPOINT: 'https://x.no/t',
      MASKINPORTEN_WELL_KNOWN_URL: 'https://z.no/',
    })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://x.no/t' })
    expect(asked).toEqual([])
  })

  const ISSUER = { MASKINPORTEN_ISSUER: 'https://x.no/' }
  const metadataAt = (path: string) => ({ MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${path}` })
  test.each<[string, Variables, string, string]>([
    ['derived from the issuer', ISSUER, WELL_KNOWN, 'https://x.no/'],
    ['given together with the issuer', { ...ISSUER, ...metadataAt('meta') }, 'meta', 'https://x.no/'],
    ['given without an issuer, which has no final slash', metadataAt(WELL_KNOWN), WELL_KNOWN, 'https://x.no'],
    ['given without an issuer, as that of OpenID', metadataAt(OPENID), OPENID, 'https://x.no/'],
  ])(
    'the token endpoint is read from metadata, whose address is %s',
    async (_title, variables, path, issuer) => {
      answer = () => Response.json({ ...metadata, issuer })
      expect(await byVariables(variables)()).toEqual({ issuer, tokenEndpoint: 'https://x.no/token' })
      expect(asked).toEqual([`https://x.no/${path} application/json`])
    },
  )

  it('a configured token endpoint is used when only the issuer is read from metadata', async () => {
    const endpoint = byVariables({
      MASKINPORTEN_TOKEN_ENDPOINT: 'https://y.no/token',
      MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${WELL_KNOWN}`,
    })
    answer = () => Response.json({ issuer: 'https://evil.example/' })
    await expect(endpoint()).rejects.toMatchObject({ code: 'unexpected_answer' })
    answer = () => Response.json({ issuer: 'https://x.no/' })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://y.no/token' })
  })

  const NOT_SET =
    'MASKINPORTEN_ISSUER is missing. Set it (and MASKINPORTEN_TOKEN_ENDPOINT), or set MASKINPORTEN_WELL_KNOWN_URL; ' +
    "or pass `clientId`, `key` and `environment: 'prod'` or 'test' in code"
  test.each<[Variables, string]>([
    [{}, NOT_SET],
    [{ MASKINPORTEN_TOKEN_ENDPOINT: 'https://x.no/token' }, NOT_SET],
    [{ MASKINPORTEN_ISSUER: 'x' }, NOT_ABSOLUTE('MASKINPORTEN_ISSUER')],
    [{ ...ISSUER, MASKINPORTEN_TOKEN_ENDPOINT: 'x' }, NOT_ABSOLUTE('MASKINPORTEN_TOKEN_ENDPOINT')],
    [{ ...ISSUER, MASKINPORTEN_WELL_KNOWN_URL: 'x' }, NOT_ABSOLUTE('MASKINPORTEN_WELL_KNOWN_URL')],
    [{ MASKINPORTEN_WELL_KNOWN_URL: `x/${WELL_KNOWN}` }, NOT_ABSOLUTE('MASKINPORTEN_WELL_KNOWN_URL')],
  ])('tokenEndpointFinder throws for the variables %j', (variables, message) => {
    expect(() => byVariables(variables)).toThrow(new TypeError(message))
  })
})

describe('metadata', () => {
  const OTHER = 'the metadata does not name the configured issuer and a token endpoint on its host'
  const FAILING = 'the server of the metadata is overloaded or failing'
  const MISSING = 'there is no metadata at the address'

  it('metadata is read once, and again after a failure', async () => {
    const endpoint = byOptions({ issuer: 'https://x.no/' })
    answer = () => new Response('', { status: 503 })
    await expect(endpoint()).rejects.toThrow(FAILING)
    answer = () => Response.json(metadata)
    expect(await endpoint()).toBe(await endpoint())
    expect(asked).toHaveLength(2)
  })

  test.each([429, 500, 503])('metadata with status %i is reported as an outage', async (status) => {
    answer = () => Response.json(metadata, { status })
    await expect(byOptions({ issuer: 'https://x.no/' })()).rejects.toMatchObject({
      code: 'unavailable',
      status,
      retryable: true,
      hint: { cause: FAILING, fix: 'try again later' },
    })
  })

  test.each<[string, () => Response]>([
    ['with status 201', () => Response.json(metadata, { status: 201 })],
    ['with status 404', () => Response.json(metadata, { status: 404 })],
    ['of another issuer', () => Response.json({ ...metadata, issuer: 'https://y.no/' })],
    ['without an endpoint', () => Response.json({ issuer: metadata.issuer })],
    ['with another host’s endpoint', () => Response.json({ ...metadata, token_endpoint: 'https://y.no/' })],
  ])('metadata %s is reported as an unexpected answer', async (_title, bad) => {
    answer = bad
    const { status } = bad()
    const cause = status === 200 ? OTHER : MISSING
    await expect(byOptions({ issuer: 'https://x.no/' })()).rejects.toMatchObject({
      ...{ code: 'unexpected_answer', status, retryable: false },
      hint: { cause, fix: 'check the issuer, or MASKINPORTEN_WELL_KNOWN_URL' },
    })
  })
})

describe('plain http', () => {
  it('http requires `insecureHttp`, except on loopback, and an http token endpoint must be on the host of an http issuer', async () => {
    const insecure = { insecureHttp: true }
    const given = { issuer: 'http://mock:8080/', tokenEndpoint: 'http://mock:8080/token' }
    const variables = {
      MASKINPORTEN_ISSUER: given.issuer,
      MASKINPORTEN_TOKEN_ENDPOINT: given.tokenEndpoint,
    }
    expect(await byVariables(variables, insecure)()).toEqual(given)
    expect(await byOptions({ ...given, ...insecure })()).toEqual(given)
    expect(() => byVariables(variables)).toThrow(NOT_HTTPS('MASKINPORTEN_ISSUER'))
    const local = { issuer: 'http://localhost/', tokenEndpoint: 'http://localhost/token' }
    expect(() => byOptions(local)).not.toThrow()
    for (const issuer of [given.issuer, 'https://other/']) {
      const create = () => byOptions({ issuer, tokenEndpoint: 'http://other/token', ...insecure })
      expect(create).toThrow(NOT_HTTPS('`tokenEndpoint`'))
    }
  })

  const TEST = 'https://test.maskinporten.no/'
  const PROD = 'https://maskinporten.no/'
  const allows = (options: object, variables: Variables) => allowsHttp(options, naisVariables(variables))

  test.each<[object, Variables, boolean]>([
    [{}, {}, false],
    [{ insecureHttp: false }, { MASKINPORTEN_ISSUER: PROD }, false],
    [{ insecureHttp: false }, { MASKINPORTEN_ISSUER: 'not a URL' }, false],
    [{ insecureHttp: true }, {}, true],
    [{ insecureHttp: true }, { MASKINPORTEN_ISSUER: TEST }, true],
    [{ insecureHttp: true }, { MASKINPORTEN_WELL_KNOWN_URL: TEST + WELL_KNOWN }, true],
    [{ insecureHttp: true }, { OTHER: PROD }, true],
  ])(
    'for the options %j and the environment variables %j, allowsHttp returns %s',
    (options, variables, allowed) => {
      expect(allows(options, variables)).toBe(allowed)
    },
  )

  test.each<[object, Variables, string]>([
    [{ insecureHttp: true }, { MASKINPORTEN_ISSUER: PROD }, NO_PRODUCTION],
    [{ insecureHttp: true }, { MASKINPORTEN_WELL_KNOWN_URL: PROD + WELL_KNOWN }, NO_PRODUCTION],
    [{ insecureHttp: 'yes' }, {}, '`insecureHttp` must be true or false'],
    [{ insecureHttp: null }, {}, '`insecureHttp` must be true or false'],
  ])('for the options %j and the variables %j, allowsHttp throws', (options, variables, message) => {
    expect(() => allows(options, variables)).toThrow(new TypeError(message))
  })
})

test.each<[EndpointOptions, string]>([
  [{ environment: 'prod' }, 'https://maskinporten.no/'],
  [{ issuer: 'https://x.no/' }, 'https://x.no/'],
  [{}, OTHERS.MASKINPORTEN_ISSUER],
])('with the options %j, the issuer is %s when the variables name https://z.no/', (options, issuer) => {
  expect(namedIssuer(options, naisVariables(OTHERS))).toBe(issuer)
})
