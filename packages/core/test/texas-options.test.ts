import { expect, it } from 'vitest'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { casesOf } from './cases.js'
import { setVariables, useCleanEnvironment } from './clean-environment.js'
import { FakeTexas } from './fake-texas.js'
import { clock, mock, READ, readToken, TEXAS, useWorld } from './validator-world.js'

useWorld()

useCleanEnvironment()

const introspectionEndpoint = TEXAS

it('createTexasValidator reads the address of Texas from NAIS’s variable', async () => {
  setVariables({ NAIS_TOKEN_INTROSPECTION_ENDPOINT: TEXAS, MASKINPORTEN_ISSUER: mock.issuer })
  const texas = new FakeTexas()
  const fetch = (url: string, init: RequestInit) => (url === TEXAS ? texas : mock).fetch(url, init)
  const token = await readToken()
  await expect(createTexasValidator({ fetch, clock }).verify(token, READ)).resolves.toBeDefined()
  expect(texas.tokens).toEqual([token])
})

it.each<[string, object, RegExp]>([
  [
    'a missing introspection endpoint',
    { environment: 'test' },
    /^NAIS_TOKEN_INTROSPECTION_ENDPOINT is not set.*Texas is there by default.*`introspectionEndpoint`, or verify by keys/,
  ],
  ['a missing issuer', { introspectionEndpoint }, /^MASKINPORTEN_ISSUER is not set/],
  [
    'an unknown option',
    { environment: 'test', endpoint: 'x' },
    /createTexasValidator has no option `endpoint`/,
  ],
  [
    'a deadline in milliseconds',
    { environment: 'test', introspectionEndpoint, deadline: 5000 },
    /^`deadline` must be a number from 0\.1 to 30 seconds$/,
  ],
])('createTexasValidator throws for %s', (_title, options, message) => {
  expect(() => createTexasValidator(options as TexasValidatorOptions)).toThrow(TypeError)
  expect(() => createTexasValidator(options as TexasValidatorOptions)).toThrow(message)
})

/** Every kind of bad value for Texas's own options, and one for each option that all validators have. */
const bad: Record<string, unknown[]> = {
  introspectionEndpoint: ['', 'texas', 'http://texas/introspect', 'ftp://x/', 'https://u:p@x.no/', 1, null],
  deadline: [0, 31, Number.NaN, '5', null],
  issuer: ['http://maskinporten.no/'],
  environment: ['ver2'],
  jwksUri: ['http://x.no/'],
  metadataUrl: ['http://x.no/'],
  algorithms: [['HS256']],
  jwks: [{}],
  keys: [1],
  tokenCache: [true],
  random: [{}],
  insecureHttp: ['true'],
  audience: ['api'],
  clockTolerance: [301],
  maxTokenLifetime: [0],
  maxTokenLength: [0],
  realm: ['a"b'],
  denialBody: [{}],
  onDecision: [{}],
  fetch: [{}],
  clock: [{}],
}
it.each(casesOf(bad))(
  'createTexasValidator throws for `%s: %j`, and the message names the option',
  (option, value) => {
    const issuer = option === 'issuer' ? {} : { environment: 'test' }
    const options = { ...issuer, introspectionEndpoint, [option]: value }
    expect(() => createTexasValidator(options as never)).toThrow(TypeError)
    expect(() => createTexasValidator(options as never)).toThrow(option)
  },
)

it('http to Texas on another host requires `insecureHttp`', () => {
  const options = { environment: 'test', introspectionEndpoint: 'http://texas:3000/introspect' } as const
  expect(() => createTexasValidator({ ...options, insecureHttp: true })).not.toThrow()
  expect(() => createTexasValidator(options)).toThrow(/`insecureHttp: true`/)
})

it('an error of createTexasValidator never repeats a password in a URL', () => {
  setVariables({ NAIS_TOKEN_INTROSPECTION_ENDPOINT: 'https://user:hemmelig@x.no/' })
  expect(() => createTexasValidator({ environment: 'test' })).toThrow(/^(?!.*hemmelig).*NAIS_TOKEN_INTRO/)
})
