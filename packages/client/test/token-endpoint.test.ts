import { createTestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { EndpointOptions } from '../src/endpoint-options.js'
import type { Fetch } from '../src/exchange.js'
import { allowsHttp, namedIssuer, tokenEndpointFinder } from '../src/token-endpoint.js'
import { attempt } from './kit.js'

const WELL_KNOWN = '.well-known/oauth-authorization-server'
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

const NO_PRODUCTION = "`insecureHttp` is refused with Maskinporten's production environment"

describe('a token endpoint in the options', () => {
  it('a token endpoint in the options is used without reading metadata', async () => {
    const options = { issuer: 'https://x.no', tokenEndpoint: 'https://y.no/token' }
    expect(await byOptions(options)()).toEqual(options)
    expect(asked).toEqual([])
  })

  it('the token endpoint of an environment of Digdir is read from the metadata of its issuer', async () => {
    const issuer = 'https://test.maskinporten.no/'
    answer = () => Response.json({ issuer, token_endpoint: `${issuer}token` })
    expect(await byOptions({ environment: 'test' })()).toEqual({ issuer, tokenEndpoint: `${issuer}token` })
    expect(asked).toEqual([`${issuer}${WELL_KNOWN} application/json`])
  })

  test.each<[object, string]>([
    [{ issuer: 'https://x.no/', tokenEndpoint: 'token' }, '`tokenEndpoint` must be an absolute URL'],
    [
      { issuer: 'https://x.no/', tokenEndpoint: 'http://x.no/token' },
      '`tokenEndpoint` must be an https: URL',
    ],
    [{ environment: 'prod', insecureHttp: true }, NO_PRODUCTION],
  ])('tokenEndpointFinder throws for the options %j', (options, message) => {
    expect(() => byOptions(options)).toThrow(message)
  })
})

describe('a token endpoint in the variables', () => {
  const ISSUER = { MASKINPORTEN_ISSUER: 'https://x.no/' }
  const TOKEN_ENDPOINT = { MASKINPORTEN_TOKEN_ENDPOINT: 'https://y.no/token' }
  const metadataAt = (path: string) => ({ MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${path}` })

  it('a token endpoint in the variables is used without reading metadata', async () => {
    const endpoint = byVariables({ ...ISSUER, ...TOKEN_ENDPOINT, ...metadataAt('meta') })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://y.no/token' })
    expect(asked).toEqual([])
  })

  it('the issuer and the token endpoint are read from metadata at the address in the variables', async () => {
    answer = () => Response.json({ ...metadata, issuer: 'https://x.no' })
    const found = { issuer: 'https://x.no', tokenEndpoint: 'https://x.no/token' }
    expect(await byVariables(metadataAt(WELL_KNOWN))()).toEqual(found)
    expect(asked).toEqual([`https://x.no/${WELL_KNOWN} application/json`])
  })

  it('a configured token endpoint is used when only the issuer is read from metadata', async () => {
    const endpoint = byVariables({ ...TOKEN_ENDPOINT, ...metadataAt(WELL_KNOWN) })
    answer = () => Response.json({ issuer: 'https://evil.example/' })
    await expect(endpoint()).rejects.toMatchObject({ code: 'unexpected_answer' })
    answer = () => Response.json({ issuer: 'https://x.no/' })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://y.no/token' })
  })

  it('the error for variables without an issuer says what to set, and names the options', () => {
    const mistake =
      'MASKINPORTEN_ISSUER is missing. Set it (and MASKINPORTEN_TOKEN_ENDPOINT), or set ' +
      "MASKINPORTEN_WELL_KNOWN_URL; or pass `clientId`, `key` and `environment: 'prod'` or 'test' in code"
    expect(() => byVariables(TOKEN_ENDPOINT)).toThrow(new TypeError(mistake))
  })

  it('the error for a malformed token endpoint in the variables names the variable', () => {
    const endpoint = { ...ISSUER, MASKINPORTEN_TOKEN_ENDPOINT: 'x' }
    expect(() => byVariables(endpoint)).toThrow(/^MASKINPORTEN_TOKEN_ENDPOINT must be an absolute URL/)
  })
})

describe('metadata', () => {
  const FAILING = 'the server of the metadata is overloaded or failing'
  const endpoint = () => byOptions({ issuer: 'https://x.no/' })

  it('metadata is read once, and again after a failure', async () => {
    const find = endpoint()
    answer = () => new Response('', { status: 503 })
    await expect(find()).rejects.toThrow(FAILING)
    answer = () => Response.json(metadata)
    expect(await find()).toBe(await find())
    expect(asked).toHaveLength(2)
  })

  test.each([429, 500])('metadata with status %i is reported as an outage', async (status) => {
    answer = () => Response.json(metadata, { status })
    await expect(endpoint()()).rejects.toMatchObject({
      ...{ code: 'unavailable', status, retryable: true },
      hint: { cause: FAILING, fix: 'try again later' },
    })
  })

  const MISSING = 'there is no metadata at the address'
  const OTHER = 'the metadata does not name the configured issuer and a token endpoint on its host'
  test.each<[string, number, object, string]>([
    ['with status 201', 201, metadata, MISSING],
    ['with status 404', 404, metadata, MISSING],
    ['of another issuer', 200, { ...metadata, issuer: 'https://y.no/' }, OTHER],
    ['without an endpoint', 200, { issuer: metadata.issuer }, OTHER],
    ['with another host’s endpoint', 200, { ...metadata, token_endpoint: 'https://y.no/' }, OTHER],
  ])('metadata %s is reported as an unexpected answer', async (_title, status, body, cause) => {
    answer = () => Response.json(body, { status })
    await expect(endpoint()()).rejects.toMatchObject({
      ...{ code: 'unexpected_answer', status, retryable: false },
      hint: { cause, fix: 'check the issuer, or MASKINPORTEN_WELL_KNOWN_URL' },
    })
  })
})

describe('plain http', () => {
  const TEST = 'https://test.maskinporten.no/'
  const PROD = 'https://maskinporten.no/'
  const BOOLEAN = '`insecureHttp` must be true or false'
  const allows = (options: object, variables: Variables) => allowsHttp(options, naisVariables(variables))

  test.each<[object, Variables, boolean]>([
    [{}, {}, false],
    [{ insecureHttp: false }, { MASKINPORTEN_ISSUER: 'not a URL' }, false],
    [{ insecureHttp: true }, {}, true],
    [{ insecureHttp: true }, { MASKINPORTEN_ISSUER: TEST }, true],
  ])(
    'for the options %j and the environment variables %j, allowsHttp returns %s',
    (options, variables, allowed) => {
      expect(allows(options, variables)).toBe(allowed)
    },
  )

  test.each<[object, Variables, string]>([
    [{ insecureHttp: true }, { MASKINPORTEN_ISSUER: PROD }, NO_PRODUCTION],
    [{ insecureHttp: true }, { MASKINPORTEN_WELL_KNOWN_URL: PROD + WELL_KNOWN }, NO_PRODUCTION],
    [{ insecureHttp: 'yes' }, {}, BOOLEAN],
    [{ insecureHttp: null }, {}, BOOLEAN],
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
