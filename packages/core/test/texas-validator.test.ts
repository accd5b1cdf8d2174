import {
  type BadTokenName,
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { decodeJwt } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { readConfig } from '../src/config/validator-options.js'
import type { DecisionEvent } from '../src/decision/event.js'
import { createGuard } from '../src/guard.js'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { introspectionVerifier } from '../src/verifiers/introspection-verifier.js'
import { jwtVerifier } from '../src/verifiers/jwt-verifier.js'
import type { Reading } from '../src/verifiers/token-verifier.js'
import { reasonOfAsync } from './refusal.js'

const READ = 'nav:x.read'
const ENDPOINT = 'http://127.0.0.1:3000/api/v1/introspect'
const VARIABLES = ['NAIS_TOKEN_INTROSPECTION_ENDPOINT', 'MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL']

interface Asked {
  readonly url: string
  readonly init: RequestInit
}

let clock: TestClock
let mock: MockMaskinporten
let token: string
let asked: Asked[]
let events: DecisionEvent[]
/** What Texas answers; by default that every token is active, with the token's own claims. */
let answer: (token: string) => Response | Promise<Response>

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock })
})
beforeEach(async () => {
  for (const name of VARIABLES) delete process.env[name]
  asked = []
  events = []
  answer = (given) => {
    return Response.json(given === 'probe' ? { active: false } : { active: true, ...decodeJwt(given) })
  }
  token = await mock.issueToken({ scope: READ, consumer: '889640782' })
})
afterEach(() => {
  for (const name of VARIABLES) delete process.env[name]
})

const fetch = async (url: string, init: RequestInit) => {
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  asked.push({ url, init })
  return answer(JSON.parse(String(init.body)).token)
}
const texas = (options: TexasValidatorOptions = {}) =>
  createTexasValidator({
    environment: 'test',
    jwks: mock.jwks(),
    introspectionEndpoint: ENDPOINT,
    fetch,
    clock,
    onDecision: (event) => events.push(event),
    ...options,
  })
const answers = (body: unknown, init?: ResponseInit) => {
  answer = () => Response.json(body, init)
}
/** A token of Maskinporten's with other claims than a good one. */
const tokenWith = (claims: object) => mock.issueToken({ scope: READ, claims: { ...claims } })

describe('an active token', () => {
  it('Texas gets a POST that names the identity provider, and redirects are not followed', async () => {
    await texas().verify(token, READ)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      url: ENDPOINT,
      init: {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ identity_provider: 'maskinporten', token }),
      },
    })
  })

  it('a token that Texas accepts is typed by its own claims', async () => {
    answers({ active: true, scope: 'nav:other', consumer: 7, exp: 1 })
    const verified = await texas().verify(token, READ)
    expect(verified).toMatchObject({ scopes: [READ], consumer: { organisationNumber: '889640782' } })
    expect(verified.claims).toEqual(decodeJwt(token))
    expect(Object.isFrozen(verified.claims)).toBe(true)
  })

  it('claims of Texas’s answer are not used', async () => {
    answers({ active: true, ...decodeJwt(token), scope: 'nav:other' })
    expect(await reasonOfAsync(texas().verify(token, 'nav:other'))).toBe('insufficient_scope')
  })

  it('Texas checks a token at every request: no verdict is cached', async () => {
    const validator = texas()
    await validator.verify(token, READ)
    answers({ active: false, error: 'invalid token: whatever' })
    expect(await reasonOfAsync(validator.verify(token, READ))).toBe('inactive_token')
    expect(asked).toHaveLength(2)
  })

  it('a validator with Texas can be used in a guard', async () => {
    const guard = createGuard(READ, { validator: texas() })
    expect(await guard(`Bearer ${token}`, {})).toMatchObject({ allowed: true, token: { scopes: [READ] } })
  })
})

describe('checks that Texas omits or makes less strictly are made here', () => {
  test.each<[string, object, string]>([
    ['another issuer', { iss: 'https://maskinporten.no/' }, 'wrong_environment'],
    ['no issuer', { iss: undefined }, 'missing_claim'],
    ['a token that has expired', { exp: 1 }, 'expired'],
    ['a token from the future', { iat: 4_000_000_000, exp: 4_000_000_010 }, 'issued_in_future'],
    ['a token that has not begun', { nbf: 4_000_000_000 }, 'not_yet_valid'],
    ['a token that lives too long', { exp: 4_000_000_000 }, 'lifetime_too_long'],
    ['a token bound to a key', { cnf: { jkt: 'x' } }, 'sender_constrained'],
    ['scopes as a list', { scope: [READ] }, 'malformed_claims'],
    ['a time as text', { exp: '4000000000' }, 'malformed_claims'],
    ['no consumer', { consumer: undefined }, 'missing_claim'],
    [
      'a malformed system user',
      { authorization_details: [{ type: 'urn:altinn:systemuser' }] },
      'malformed_claims',
    ],
    ['another audience', { aud: 'https://b.no' }, 'wrong_audience'],
    ['a missing scope', { aud: 'https://a.no', scope: 'nav:other' }, 'insufficient_scope'],
    [
      'another consumer',
      { aud: 'https://a.no', consumer: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' } },
      'consumer_not_allowed',
    ],
  ])('%s', async (_title, claims, reason) => {
    const rule = { scope: READ, audience: 'https://a.no', consumers: ['889640782'] }
    const validator = texas()
    await validator.ready()
    expect(await reasonOfAsync(validator.verify(await tokenWith(claims), rule))).toBe(reason)
  })

  it('the clock tolerance of the validator applies, which is smaller than that of Texas', async () => {
    const late = await tokenWith({ exp: clock.now() / 1000 - 9, iat: clock.now() / 1000 - 100 })
    await expect(texas().verify(late, READ)).resolves.toBeDefined()
    expect(await reasonOfAsync(texas({ clockTolerance: 5 }).verify(late, READ))).toBe('expired')
  })
})

describe('an inactive token', () => {
  it.each([
    'invalid token: ExpiredSignature',
    'token can not be validated with this identity provider',
    'invalid token: fetch: x',
    // Texas quotes what it could not read, and so what an unsigned token says.
    'invalid token header: JSON error: invalid type: string "is not enabled", expected a sequence',
    "invalid token header: identity provider 'maskinporten' is not enabled",
    '',
    undefined,
    7,
  ])('an inactive token is 401, whatever error Texas gives: %j', async (error) => {
    answers({ active: false, error })
    const validator = texas()
    const decision = await validator.decide(`Bearer ${token}`, READ)
    expect(decision).toMatchObject({
      denial: { status: 401, code: 'invalid_token', reason: 'inactive_token' },
    })
    answers({ active: false })
    await validator.ready()
    expect(validator.health()).toMatchObject({ usable: true, keys: 1 })
    expect(JSON.stringify([decision, events])).not.toContain('ExpiredSignature')
  })

  it('a token that its claims rule out gets the exact reason, and is not sent to Texas', async () => {
    for (const [options, reason] of [
      [{ expiresIn: -60 }, 'expired'],
      [{ issuer: 'https://maskinporten.no/' }, 'wrong_environment'],
      [{ issuer: 'client', audience: 'https://test.maskinporten.no/' }, 'client_assertion'],
    ] as const) {
      const rejectEarly = await mock.issueToken({ scope: READ, ...options })
      expect(await reasonOfAsync(texas().verify(rejectEarly, READ))).toBe(reason)
    }
    expect(asked).toEqual([])
  })

  it('only tokens that Maskinporten’s keys have signed are sent to Texas', async () => {
    const bad = async (name: BadTokenName) => reasonOfAsync(texas().verify(await mock.badToken(name), READ))
    expect(await bad('bad-signature')).toBe('bad_signature')
    expect(await bad('strangers-key')).toBe('bad_signature')
    expect(await bad('tampered-claims')).toBe('bad_signature')
    expect(await bad('kid-unknown')).toBe('unknown_key')
    expect(await bad('embedded-key')).toBe('unknown_key')
    expect(await bad('alg-ps256')).toBe('unsupported_algorithm')
    expect(asked).toEqual([])
  })

  it('a token with a cached signature is sent to Texas again', async () => {
    const validator = texas({ tokenCache: { maxTokens: 5 } })
    await validator.verify(token, READ)
    clock.advance(1)
    answers({ active: false })
    expect(await reasonOfAsync(validator.verify(token, READ))).toBe('inactive_token')
    expect(asked).toHaveLength(2)
  })

  it('a malformed token is never sent to Texas', async () => {
    const guard = createGuard(READ, { validator: texas() })
    for (const garbage of [
      undefined,
      '',
      'Basic x',
      'Bearer',
      'Bearer x',
      `Bearer ${token}=`,
      'Bearer a.b.c',
    ]) {
      expect(await guard(garbage, {})).toMatchObject({ allowed: false })
    }
    expect(asked).toEqual([])
  })
})

describe('an answer without a verdict is 503, and never allows the token', () => {
  const claims = () => decodeJwt(token)
  test.each<[string, () => Response | Promise<Response>, string]>([
    [
      'keys that Texas cannot get',
      () => Response.json({ active: false, error: 'fetch: timed out' }),
      'no_upstream',
    ],
    [
      'a provider that is not enabled',
      () => Response.json({ active: false, error: "identity provider 'maskinporten' is not enabled" }),
      'not_enabled',
    ],
    ['no verdict', () => Response.json(claims()), 'not_introspection'],
    ['a verdict as text', () => Response.json({ ...claims(), active: 'true' }), 'not_introspection'],
    ['a verdict as a number', () => Response.json({ ...claims(), active: 1 }), 'not_introspection'],
    ['a verdict of null', () => Response.json({ ...claims(), active: null }), 'not_introspection'],
    ['a list', () => Response.json([{ active: true, ...claims() }]), 'not_introspection'],
    ['null', () => Response.json(null), 'not_introspection'],
    [
      'a __proto__ member',
      () => new Response(`{"active":true,"__proto__":${JSON.stringify(claims())}}`),
      'not_introspection',
    ],
    [
      'an error status with a good body',
      () => Response.json({ active: true, ...claims() }, { status: 500 }),
      'bad_status',
    ],
    ['a refused request', () => Response.json({ error: 'invalid_request' }, { status: 400 }), 'bad_status'],
    ['another success', () => Response.json({ active: true, ...claims() }, { status: 201 }), 'bad_status'],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
      'redirected',
    ],
    ['no JSON', () => new Response('<html>'), 'not_json'],
    ['an empty body', () => new Response(''), 'not_json'],
    [
      'more than 64 KiB',
      () => Response.json({ active: true, ...claims(), more: 'x'.repeat(65_536) }),
      'too_large',
    ],
    ['nobody there', () => Promise.reject(new TypeError('fetch failed')), 'unreachable'],
  ])('%s', async (_title, given, failure) => {
    answer = given
    const decision = await texas().decide(`Bearer ${token}`, READ)
    expect(decision).toMatchObject({
      allowed: false,
      denial: { status: 503, reason: 'introspection_unavailable', headers: { 'retry-after': '5' } },
    })
    expect(decision).not.toHaveProperty('denial.headers.www-authenticate')
    expect(events).toMatchObject([{ reason: 'introspection_unavailable', upstreamFailure: failure }])
  })

  it('an exchange with Texas ends at the deadline', async () => {
    let signal: AbortSignal | null | undefined
    let reached: () => void = () => undefined
    const isReached = new Promise<void>((resolve) => {
      reached = resolve
    })
    const hanging = (_url: string, init: RequestInit) => {
      signal = init.signal
      reached()
      return new Promise<Response>(() => undefined)
    }
    const refused = reasonOfAsync(texas({ fetch: hanging, deadline: 2 }).verify(token, READ))
    await isReached
    clock.advance(1.9)
    expect(signal?.aborted).toBe(false)
    clock.advance(0.1)
    expect(await refused).toBe('introspection_unavailable')
    expect(signal?.aborted).toBe(true)
  })

  it('the cause of a failure of Texas does not hold the token', async () => {
    answer = () => Promise.reject(new TypeError('fetch failed'))
    const error: unknown = await texas()
      .verify(token, READ)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ cause: { reason: 'unreachable' } })
    expect(JSON.stringify([error, String(error)])).not.toContain(token.slice(0, 20))
  })
})

it('an explanation does not call Texas, and leaves its step undecided', async () => {
  const validator = texas()
  await validator.ready()
  asked = []
  const explanation = await validator.explain(token, READ)
  expect(explanation.verdict).toBe('undecided')
  expect(explanation.checks.slice(0, 6).map(({ check, outcome }) => [check, outcome])).toEqual([
    ['spelling', 'passed'],
    ['key', 'passed'],
    ['signature', 'passed'],
    ['claims', 'passed'],
    ['introspection', 'undecided'],
    ['time', 'not_reached'],
  ])
  const expired = await validator.explain(await mock.issueToken({ expiresIn: -60 }), READ)
  expect(expired).toMatchObject({ verdict: 'refused', reason: 'expired' })
  const forged = await validator.explain(await mock.badToken('bad-signature'), READ)
  expect(forged).toMatchObject({ verdict: 'refused', reason: 'bad_signature' })
  const misspelt = await validator.explain('a.b', READ)
  expect(misspelt.checks[0]).toMatchObject({ check: 'spelling', outcome: 'failed' })
  expect(asked).toEqual([])
})

it('`reading.step` is the step in which a token is refused, with Texas', async () => {
  const config = readConfig({ environment: 'test', jwks: mock.jwks(), clock })
  const reader = introspectionVerifier(jwtVerifier(config), config, {
    endpoint: ENDPOINT,
    deadline: 5,
    fetch,
  })
  const lastStep = async (given: string) => {
    const reading: Reading = { now: clock.now() / 1000 }
    await Promise.resolve(reader.verify(given, reading, {})).catch(() => undefined)
    return reading.step
  }
  expect(await lastStep('a.b')).toBe('spelling')
  expect(await lastStep(await mock.badToken('kid-unknown'))).toBe('key')
  expect(await lastStep(await mock.badToken('bad-signature'))).toBe('signature')
  expect(await lastStep(await tokenWith({ consumer: 7 }))).toBe('claims')
  answers({ active: false })
  expect(await lastStep(token)).toBe('introspection')
})

describe('the configuration', () => {
  it('the address of Texas comes from the variables that NAIS sets', async () => {
    process.env['NAIS_TOKEN_INTROSPECTION_ENDPOINT'] = ENDPOINT
    process.env['MASKINPORTEN_ISSUER'] = mock.issuer
    const both = (url: string, init: RequestInit) => (url === ENDPOINT ? fetch(url, init) : mock.fetch(url))
    await expect(createTexasValidator({ fetch: both, clock }).verify(token, READ)).resolves.toBeDefined()
    expect(asked[0]?.url).toBe(ENDPOINT)
  })

  test.each<[string, object, RegExp]>([
    [
      'no endpoint',
      { environment: 'test' },
      /^NAIS_TOKEN_INTROSPECTION_ENDPOINT is not set.*Texas is there by default.*`introspectionEndpoint`, or verify by keys/,
    ],
    ['no issuer', { introspectionEndpoint: ENDPOINT }, /^MASKINPORTEN_ISSUER is not set/],
    [
      'an issuer without its slash',
      { issuer: 'https://maskinporten.no', introspectionEndpoint: ENDPOINT },
      /^`issuer` is .* without its slash: did you mean "https:\/\/maskinporten\.no\/"\?$/,
    ],
    ['both issuers', { environment: 'test', issuer: 'https://x.no/' }, /not both/],
    ['insecure in production', { environment: 'prod', insecureHttp: true }, /`insecureHttp` is refused/],
    [
      'an unknown option',
      { environment: 'test', endpoint: 'x' },
      /createTexasValidator has no option `endpoint`/,
    ],
    ['bad keys', { environment: 'test', jwks: {} }, /`jwks` must be a JWK set/],
    ['an undefined option', { environment: 'test', audience: undefined }, /`audience` is undefined/],
  ])('the address of Texas throws when it is wrong: %s', (_title, options, message) => {
    expect(() => createTexasValidator(options as TexasValidatorOptions)).toThrow(TypeError)
    expect(() => createTexasValidator(options as TexasValidatorOptions)).toThrow(message)
  })

  const bad: Record<string, unknown[]> = {
    introspectionEndpoint: ['', 'texas', 'http://texas/introspect', 'ftp://x/', 'https://u:p@x.no/', 1, null],
    issuer: ['', 'x', 'http://maskinporten.no/', 1, null],
    environment: ['ver2', '', null],
    deadline: [0, 31, Number.NaN, '5', null],
    jwksUri: ['', 'http://x.no/', null],
    metadataUrl: ['', 'http://x.no/', null],
    algorithms: [[], ['HS256'], null],
    keys: [1, null],
    tokenCache: [true, null],
    random: [{}, null],
    insecureHttp: ['true', 1, null],
    audience: ['', [], 'api', null],
    clockTolerance: [-1, 301, Number.NaN, null],
    maxTokenLifetime: [0, Number.POSITIVE_INFINITY, null],
    maxTokenLength: [0, 1e9, null],
    realm: ['', 'a"b', null],
    denialBody: [{}, null],
    onDecision: [{}, null],
    fetch: [{}, null],
    clock: [{}, null],
  }
  const cases = Object.entries(bad).flatMap(([option, values]) =>
    values.map((value) => [option, value] as const),
  )
  test.each(cases)('createTexasValidator throws for %s: %j', (option, value) => {
    const whose = option === 'issuer' ? {} : { environment: 'test' }
    const options = { ...whose, introspectionEndpoint: ENDPOINT, [option]: value }
    expect(() => createTexasValidator(options as never)).toThrow(TypeError)
    expect(() => createTexasValidator(options as never)).toThrow(option)
  })

  it('Texas can be on http on another host only with `insecureHttp`', () => {
    const options = {
      environment: 'test',
      introspectionEndpoint: 'http://texas:3000/api/v1/introspect',
    } as const
    expect(() => createTexasValidator({ ...options, insecureHttp: true })).not.toThrow()
    expect(() => createTexasValidator(options)).toThrow(/`insecureHttp: true`/)
  })

  it('an error of createTexasValidator never repeats a password in a URL', () => {
    process.env['NAIS_TOKEN_INTROSPECTION_ENDPOINT'] = 'https://user:hemmelig@x.no/'
    expect(() => createTexasValidator({ environment: 'test' })).toThrow(/^(?!.*hemmelig).*NAIS_TOKEN_INTRO/)
  })
})
