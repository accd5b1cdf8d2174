import type { NaisVariables } from '@portvakt/core/internal'
import { createTestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { EndpointOptions } from '../src/endpoint-options.js'
import { type FindEndpoint, tokenEndpointFinder } from '../src/token-endpoint.js'
import { attempt } from './kit.js'

const WELL_KNOWN = '.well-known/oauth-authorization-server'
const metadata = { issuer: 'https://x.no/', token_endpoint: 'https://x.no/token' }

let asked: string[]
let answer: () => Response
beforeEach(() => {
  asked = []
  answer = () => Response.json(metadata)
})

const wire = {
  fetch: async (input: string | URL | Request, init?: RequestInit) => {
    asked.push(`${String(input)} ${new Headers(init?.headers).get('accept')}`)
    return answer()
  },
  clock: createTestClock(),
}
const bound = (find: FindEndpoint) => () => find(attempt().signal)
const given = (variables: Record<string, string>): NaisVariables => ({
  read: (name) => variables[name],
  missing: (name) => `${name} is missing`,
})
const OTHERS = given({ MASKINPORTEN_ISSUER: 'https://z.no/', MASKINPORTEN_TOKEN_ENDPOINT: 'https://z.no/t' })
const explicit = (options: EndpointOptions) => bound(tokenEndpointFinder(options, OTHERS, wire))
const byVariables = (variables: Record<string, string>, options: EndpointOptions = {}) =>
  bound(tokenEndpointFinder(options, given(variables), wire))

const IN_THE_CLEAR = (name: string) =>
  `${name} must be an https: URL, or lead to this machine. Within a network of your own, \`insecureHttp: true\` ` +
  'allows http: for an issuer, and for endpoints on the origin of that issuer'

describe('an endpoint by options', () => {
  it('is the given one, without a request for metadata', async () => {
    const options = { issuer: 'https://x.no', tokenEndpoint: 'https://y.no/token' }
    expect(await explicit(options)()).toEqual(options)
    expect(asked).toEqual([])
  })

  test.each([
    ['prod', 'https://maskinporten.no/'],
    ['test', 'https://test.maskinporten.no/'],
  ] as const)('of %s is read from the metadata of Digdir’s environment', async (environment, issuer) => {
    answer = () => Response.json({ issuer, token_endpoint: `${issuer}token` })
    expect(await explicit({ environment })()).toEqual({ issuer, tokenEndpoint: `${issuer}token` })
    expect(asked).toEqual([`${issuer}${WELL_KNOWN} application/json`])
  })

  it('is read from the metadata of an issuer with or without its slash, which is then compared exactly', async () => {
    answer = () => Response.json({ ...metadata, issuer: 'https://x.no' })
    expect((await explicit({ issuer: 'https://x.no' })()).issuer).toBe('https://x.no')
    expect(asked).toEqual([`https://x.no/${WELL_KNOWN} application/json`])
    await expect(explicit({ issuer: 'https://x.no/' })()).rejects.toMatchObject({ code: 'unexpected_answer' })
  })

  test.each<[object, string]>([
    [{ environment: 'ver2' }, "`environment` must be 'prod' or 'test'"],
    [{ environment: 'toString' }, "`environment` must be 'prod' or 'test'"],
    [{ environment: 'test', issuer: 'https://x.no/' }, 'Give `environment` or `issuer`, not both'],
    [{ issuer: 'x' }, '`issuer` must be an absolute URL, without white space'],
    [{ issuer: new URL('https://x.no/') }, '`issuer` must be an absolute URL, without white space'],
    [
      { issuer: 'https://x.no/', tokenEndpoint: 'token' },
      '`tokenEndpoint` must be an absolute URL, without white space',
    ],
    [
      { issuer: 'https://x.no/', tokenEndpoint: 'https://u:p@x.no/' },
      '`tokenEndpoint` must not hold a user name or password',
    ],
    [{ issuer: 'http://x.no/' }, IN_THE_CLEAR('`issuer`')],
    [{ issuer: 'https://x.no/', tokenEndpoint: 'http://x.no/token' }, IN_THE_CLEAR('`tokenEndpoint`')],
    [{ environment: 'test', insecureHttp: 'yes' }, '`insecureHttp` must be true or false'],
  ])('%j throws', (options, message) => {
    expect(() => explicit(options)).toThrow(new TypeError(message))
  })
})

describe('an endpoint by variables', () => {
  it('is the one that they name, without a request for metadata', async () => {
    const endpoint = byVariables({
      MASKINPORTEN_ISSUER: 'https://x.no/',
      MASKINPORTEN_TOKEN_ENDPOINT: 'https://x.no/t',
      MASKINPORTEN_WELL_KNOWN_URL: 'https://z.no/',
    })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://x.no/t' })
    expect(asked).toEqual([])
  })

  test.each<[string, Record<string, string>, string]>([
    ['the issuer', { MASKINPORTEN_ISSUER: 'https://x.no/' }, `https://x.no/${WELL_KNOWN}`],
    [
      'both',
      { MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_WELL_KNOWN_URL: 'https://x.no/meta' },
      'https://x.no/meta',
    ],
    [
      'the metadata’s address',
      { MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${WELL_KNOWN}` },
      `https://x.no/${WELL_KNOWN}`,
    ],
  ])('is read from metadata, by %s', async (_title, variables, address) => {
    expect(await byVariables(variables)()).toEqual({
      issuer: 'https://x.no/',
      tokenEndpoint: 'https://x.no/token',
    })
    expect(asked).toEqual([`${address} application/json`])
  })

  test.each([
    [WELL_KNOWN, 'https://x.no'],
    [WELL_KNOWN, 'https://x.no/'],
    [`${WELL_KNOWN}/`, 'https://x.no/'],
    ['.well-known/openid-configuration', 'https://x.no/'],
    ['.well-known/openid-configuration/', 'https://x.no'],
  ])('is read from metadata at /%s, which names the issuer %s', async (path, issuer) => {
    const endpoint = byVariables({ MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${path}` })
    answer = () => Response.json({ ...metadata, issuer })
    expect(await endpoint()).toEqual({ issuer, tokenEndpoint: 'https://x.no/token' })
    expect(asked).toEqual([`https://x.no/${path} application/json`])
  })

  it('is the configured one where metadata names only the issuer', async () => {
    const endpoint = byVariables({
      MASKINPORTEN_TOKEN_ENDPOINT: 'https://y.no/token',
      MASKINPORTEN_WELL_KNOWN_URL: `https://x.no/${WELL_KNOWN}`,
    })
    answer = () => Response.json({ issuer: 'https://evil.example/' })
    await expect(endpoint()).rejects.toMatchObject({ code: 'unexpected_answer' })
    answer = () => Response.json({ issuer: 'https://x.no/' })
    expect(await endpoint()).toEqual({ issuer: 'https://x.no/', tokenEndpoint: 'https://y.no/token' })
  })

  const MISSING =
    'MASKINPORTEN_ISSUER is missing. Set it (and MASKINPORTEN_TOKEN_ENDPOINT), or set MASKINPORTEN_WELL_KNOWN_URL; ' +
    "or pass `clientId`, `key` and `environment: 'prod'` or 'test' in code"
  const OTHER_FORM =
    'MASKINPORTEN_WELL_KNOWN_URL must end with /.well-known/oauth-authorization-server or ' +
    '/.well-known/openid-configuration when MASKINPORTEN_ISSUER is not set'
  test.each<[Record<string, string>, string]>([
    [{}, MISSING],
    [{ MASKINPORTEN_TOKEN_ENDPOINT: 'https://x.no/token' }, MISSING],
    [{ MASKINPORTEN_WELL_KNOWN_URL: 'https://x.no/meta' }, OTHER_FORM],
    [{ MASKINPORTEN_WELL_KNOWN_URL: `https://x.no${WELL_KNOWN}` }, OTHER_FORM],
    [{ MASKINPORTEN_ISSUER: 'x' }, 'MASKINPORTEN_ISSUER must be an absolute URL, without white space'],
    [
      { MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_TOKEN_ENDPOINT: 'x' },
      'MASKINPORTEN_TOKEN_ENDPOINT must be an absolute URL, without white space',
    ],
    [
      { MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_WELL_KNOWN_URL: 'x' },
      'MASKINPORTEN_WELL_KNOWN_URL must be an absolute URL, without white space',
    ],
    [
      { MASKINPORTEN_WELL_KNOWN_URL: `x/${WELL_KNOWN}` },
      'MASKINPORTEN_WELL_KNOWN_URL must be an absolute URL, without white space',
    ],
  ])('%j throws', (variables, message) => {
    expect(() => byVariables(variables)).toThrow(new TypeError(message))
  })
})

describe('metadata', () => {
  const OTHER = 'the metadata does not name the configured issuer and a token endpoint on its host'
  const FAILING = 'the metadata cannot be read: the server that has it is overloaded or failing'
  const MISSING = 'there is no metadata at the address'

  it('valid metadata is read once, and invalid metadata again', async () => {
    const endpoint = explicit({ issuer: 'https://x.no/' })
    answer = () => new Response('', { status: 503 })
    await expect(endpoint()).rejects.toThrow(FAILING)
    answer = () => Response.json(metadata)
    expect(await endpoint()).toBe(await endpoint())
    expect(asked).toHaveLength(2)
  })

  test.each([429, 500, 503])('with status %i is an outage', async (status) => {
    answer = () => Response.json(metadata, { status })
    await expect(explicit({ issuer: 'https://x.no/' })()).rejects.toMatchObject({
      code: 'unavailable',
      status,
      retryable: true,
      hint: { cause: FAILING, fix: 'try again later' },
    })
  })

  test.each<[string, () => Response]>([
    ['with another status', () => Response.json(metadata, { status: 201 })],
    ['that is not found', () => Response.json(metadata, { status: 404 })],
    ['that is null', () => Response.json(null)],
    ['that is a text', () => Response.json('https://x.no/token')],
    ['of another issuer', () => Response.json({ ...metadata, issuer: 'https://y.no/' })],
    ['without an endpoint', () => Response.json({ issuer: metadata.issuer })],
    ['with a list of them', () => Response.json({ ...metadata, token_endpoint: ['https://x.no/token'] })],
    ['with half an address', () => Response.json({ ...metadata, token_endpoint: '/token' })],
    ['with one elsewhere', () => Response.json({ ...metadata, token_endpoint: 'https://y.no/token' })],
    ['with one in the clear', () => Response.json({ ...metadata, token_endpoint: 'http://x.no/token' })],
  ])('metadata is rejected: %s', async (_title, bad) => {
    answer = bad
    await expect(explicit({ issuer: 'https://x.no/' })()).rejects.toMatchObject({
      code: 'unexpected_answer',
      status: bad().status,
      retryable: false,
      hint: {
        cause: bad().status === 200 ? OTHER : MISSING,
        fix: 'check the issuer, or MASKINPORTEN_WELL_KNOWN_URL',
      },
    })
  })
})

describe('plain http', () => {
  const variables = {
    MASKINPORTEN_ISSUER: 'http://mock:8080/',
    MASKINPORTEN_TOKEN_ENDPOINT: 'http://mock:8080/token',
  }

  test.each(['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]/'])(
    'is allowed on this machine: %s',
    (issuer) => {
      expect(explicit({ issuer, tokenEndpoint: `${issuer}token` })).not.toThrow()
    },
  )

  it('is allowed with `insecureHttp` on the host of an issuer that is on http itself, and nowhere else', async () => {
    const [issuer, tokenEndpoint] = Object.values(variables)
    expect(await byVariables(variables, { insecureHttp: true })()).toEqual({ issuer, tokenEndpoint })
    expect(
      await explicit({ issuer: 'http://mock/', tokenEndpoint: 'http://mock/token', insecureHttp: true })(),
    ).toEqual({
      issuer: 'http://mock/',
      tokenEndpoint: 'http://mock/token',
    })
    expect(() => byVariables(variables)).toThrow(IN_THE_CLEAR('MASKINPORTEN_ISSUER'))
    const elsewhere = { issuer: 'http://mock/', tokenEndpoint: 'http://other/token', insecureHttp: true }
    expect(() => explicit(elsewhere)).toThrow(IN_THE_CLEAR('`tokenEndpoint`'))
    expect(() => explicit({ ...elsewhere, issuer: 'https://other/' })).toThrow(
      IN_THE_CLEAR('`tokenEndpoint`'),
    )
  })

  it('`insecureHttp` is refused with production, however production is named', () => {
    const PROD = 'https://maskinporten.no/'
    const refusal = new TypeError("`insecureHttp` is refused with Maskinporten's production environment")
    expect(() => explicit({ environment: 'prod', insecureHttp: true })).toThrow(refusal)
    expect(() => explicit({ issuer: PROD, insecureHttp: true })).toThrow(refusal)
    expect(() => byVariables({ MASKINPORTEN_ISSUER: PROD }, { insecureHttp: true })).toThrow(refusal)
    expect(() =>
      byVariables({ MASKINPORTEN_WELL_KNOWN_URL: PROD + WELL_KNOWN }, { insecureHttp: true }),
    ).toThrow(refusal)
  })
})
