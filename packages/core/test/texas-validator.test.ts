import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../src/config/validator-options.js'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { introspectionVerifier } from '../src/verifiers/introspection-verifier.js'
import { jwtVerifier } from '../src/verifiers/jwt-verifier.js'
import type { VerificationTrace } from '../src/verifiers/token-verifier.js'
import { setVariables, useCleanEnvironment } from './clean-environment.js'
import { deferred } from './deferred.js'
import { FakeTexas } from './fake-texas.js'
import { reasonOfAsync } from './refusal.js'
import { clock, events, mock, READ, readToken, TEXAS, texasValidator, useWorld } from './validator-world.js'

useWorld()

let fake: FakeTexas
let token: string
beforeEach(async () => {
  fake = new FakeTexas()
  token = await readToken({ consumer: '889640782' })
})

/** An address of Texas that only `insecureHttp` allows. */
const HTTP = 'http://texas:3000/introspect'

const texas = (options: TexasValidatorOptions = {}) => texasValidator({ fetch: fake.fetch, ...options })
const answers = (body: unknown) => {
  fake.answer = () => Response.json(body)
}

describe('the options of createTexasValidator', () => {
  useCleanEnvironment()

  it('createTexasValidator reads the address of Texas from NAIS’s variable', async () => {
    setVariables({ NAIS_TOKEN_INTROSPECTION_ENDPOINT: TEXAS, MASKINPORTEN_ISSUER: mock.issuer })
    const fetch = (url: string, init: RequestInit) => (url === TEXAS ? fake : mock).fetch(url, init)
    await expect(createTexasValidator({ fetch, clock }).verify(token, READ)).resolves.toBeDefined()
    expect(fake.tokens).toEqual([token])
  })

  it('createTexasValidator throws for a missing introspection endpoint, and says what to do', () => {
    expect(() => createTexasValidator({ environment: 'test' })).toThrow(
      /^NAIS_TOKEN_INTROSPECTION_ENDPOINT is not set.*Texas is there by default.*`introspectionEndpoint`, or verify by keys/,
    )
  })

  it.each<[string, object, RegExp]>([
    ['an unknown option', { endpoint: 'x' }, /createTexasValidator has no option `endpoint`/],
    ['a deadline in milliseconds', { deadline: 5000 }, /^`deadline` must be .* from 0\.1 to 30 seconds$/],
    ['a bad option of every validator', { clockTolerance: 301 }, /`clockTolerance`/],
    ['http to Texas on another host', { introspectionEndpoint: HTTP }, /`introspec.*`insecureHttp: true`/],
  ])('createTexasValidator throws for %s', (_title, options, message) => {
    const given = { environment: 'test', introspectionEndpoint: TEXAS, ...options } as const
    expect(() => createTexasValidator(given)).toThrow(TypeError)
    expect(() => createTexasValidator(given)).toThrow(message)
  })

  it('the option `insecureHttp` allows http to Texas on another host', () => {
    const options = { environment: 'test', introspectionEndpoint: HTTP, insecureHttp: true } as const
    expect(() => createTexasValidator(options)).not.toThrow()
  })

  it('an error of createTexasValidator never repeats a password in a URL', () => {
    setVariables({ NAIS_TOKEN_INTROSPECTION_ENDPOINT: 'https://user:hemmelig@x.no/' })
    expect(() => createTexasValidator({ environment: 'test' })).toThrow(/^(?!.*hemmelig).*NAIS_TOKEN_INTRO/)
  })
})

it('the request to Texas is a POST that names the identity provider and does not follow redirects', async () => {
  await texas().verify(token, READ)
  expect(fake.requests).toMatchObject([
    {
      url: TEXAS,
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ identity_provider: 'maskinporten', token }),
    },
  ])
})

it('the claims of an active token are read from the token, and never from Texas’s answer', async () => {
  answers({ active: true, scope: 'nav:other', consumer: 7, exp: 1 })
  const verified = await texas().verify(token, READ)
  expect(verified).toMatchObject({ scopes: [READ], consumer: { organisationNumber: '889640782' } })
  expect(verified.claims).toEqual(decodeJwt(token))
  expect(Object.isFrozen(verified.claims)).toBe(true)
  answers({ active: true, ...decodeJwt(token), scope: 'nav:other' })
  expect(await reasonOfAsync(texas().verify(token, 'nav:other'))).toBe('insufficient_scope')
})

it.each<[string, TexasValidatorOptions]>([
  ['with the signature in the default token cache', {}],
  ['without a token cache', { tokenCache: false }],
])('Texas checks a token on every request: %s', async (_title, options) => {
  const validator = texas(options)
  await validator.verify(token, READ)
  clock.advance(1)
  answers({ active: false, error: 'invalid token: whatever' })
  expect(await reasonOfAsync(validator.verify(token, READ))).toBe('inactive_token')
  expect(fake.tokens).toEqual([token, token])
})

it('a validator with Texas applies its own clock tolerance, which is smaller than Texas’s', async () => {
  const [iat, exp] = [clock.now() / 1000 - 100, clock.now() / 1000 - 9]
  const late = await readToken({ claims: { iat, exp } })
  await expect(texas().verify(late, READ)).resolves.toBeDefined()
  expect(await reasonOfAsync(texas({ clockTolerance: 5 }).verify(late, READ))).toBe('expired')
})

it('an inactive token gets 401, Texas stays usable, and no answer or event repeats the error of Texas', async () => {
  answers({ active: false, error: 'invalid token: ExpiredSignature' })
  const validator = texas()
  const decision = await validator.decide(`Bearer ${token}`, READ)
  const denial = { status: 401, code: 'invalid_token', reason: 'inactive_token' }
  expect(decision).toMatchObject({ denial })
  answers({ active: false })
  await validator.ready()
  expect(validator.health()).toMatchObject({ usable: true, keys: 1 })
  expect(JSON.stringify([decision, events])).not.toContain('ExpiredSignature')
})

it.each<[string, () => Promise<string>]>([
  ['expired', () => readToken({ expiresIn: -60 })],
  ['lifetime_too_long', () => readToken({ claims: { exp: 4_000_000_000 } })],
  ['missing_claim', () => readToken({ claims: { iss: undefined } })],
  ['wrong_environment', () => readToken({ issuer: 'https://maskinporten.no/' })],
  ['bad_signature', () => mock.badToken('strangers-key')],
  ['unknown_key', () => mock.badToken('kid-unknown')],
  ['malformed_token', async () => `${token}=`],
])('a token that is refused as %s is not sent to Texas', async (reason, issue) => {
  const validator = texas()
  await validator.ready()
  expect(await reasonOfAsync(validator.verify(await issue(), READ))).toBe(reason)
  expect(fake.tokens).toEqual([])
})

describe('a response from Texas without a verdict', () => {
  const claims = () => decodeJwt(token)
  const good = () => ({ active: true, ...claims() })
  const elsewhere = { location: 'https://evil.example/' }

  it.each<[string, string, () => Response | Promise<Response>]>([
    ['not_introspection', 'no `active`', () => Response.json(claims())],
    ['not_introspection', '`active` as text', () => Response.json({ ...claims(), active: 'true' })],
    ['not_introspection', 'null', () => Response.json(null)],
    [
      'not_introspection',
      'a __proto__ member',
      () => new Response(`{"active":true,"__proto__":${JSON.stringify(claims())}}`),
    ],
    ['bad_status', '500 with a good body', () => Response.json(good(), { status: 500 })],
    ['bad_status', '201 with a good body', () => Response.json(good(), { status: 201 })],
    ['redirected', 'a redirect', () => new Response(null, { status: 307, headers: elsewhere })],
    ['not_json', 'HTML', () => new Response('<html>')],
    ['too_large', 'over 64 KiB', () => Response.json({ ...good(), more: 'x'.repeat(65_536) })],
    ['unreachable', 'no answer', () => Promise.reject(new TypeError('fetch failed'))],
  ])('a response from Texas without a verdict causes 503 and `%s`: %s', async (failure, _title, given) => {
    fake.answer = given
    const decision = await texas().decide(`Bearer ${token}`, READ)
    const denial = { status: 503, reason: 'introspection_unavailable', headers: { 'retry-after': '5' } }
    expect(decision).toMatchObject({ allowed: false, denial })
    expect(decision).not.toHaveProperty('denial.headers.www-authenticate')
    expect(events).toMatchObject([{ reason: 'introspection_unavailable', upstreamFailure: failure }])
  })

  it('a request to Texas ends at the deadline', async () => {
    let signal: AbortSignal | null | undefined
    const reached = deferred<void>()
    const hanging = (_url: string, init: RequestInit) => {
      signal = init.signal
      reached.resolve()
      return new Promise<Response>(() => undefined)
    }
    const refused = reasonOfAsync(texas({ fetch: hanging, deadline: 2 }).verify(token, READ))
    await reached.promise
    clock.advance(1.9)
    expect(signal?.aborted).toBe(false)
    clock.advance(0.1)
    expect(await refused).toBe('introspection_unavailable')
    expect(signal?.aborted).toBe(true)
  })

  it('the error for a failed request to Texas does not contain the token', async () => {
    fake.answer = () => Promise.reject(new TypeError('fetch failed'))
    const error: unknown = await texas()
      .verify(token, READ)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ cause: { reason: 'unreachable' } })
    expect(JSON.stringify([error, String(error)])).not.toContain(token.slice(0, 20))
  })
})

it('`explain` refuses a token by the keys and its claims, and otherwise is undecided, without a call of Texas', async () => {
  const validator = texas()
  await validator.ready()
  const verdictOn = async (given: string) => {
    const { verdict, reason } = await validator.explain(given, READ)
    return reason ?? verdict
  }
  expect(await verdictOn(token)).toBe('undecided')
  expect(await verdictOn(await readToken({ expiresIn: -60 }))).toBe('expired')
  expect(await verdictOn('a.b')).toBe('malformed_token')
  const { checks } = await validator.explain(token, READ)
  const steps = checks.slice(3, 6).map(({ check, outcome }) => `${check} ${outcome}`)
  expect(steps).toEqual(['claims passed', 'introspection undecided', 'time not_reached'])
  // The probe of `ready`.
  expect(fake.requests).toHaveLength(1)
})

it('before the keys are loaded, `explain` of a validator with Texas reports the check `key` as undecided', async () => {
  const options = { environment: 'test', introspectionEndpoint: TEXAS, fetch: fake.fetch, clock } as const
  const { checks } = await createTexasValidator(options).explain(token, READ)
  expect(checks[1]).toMatchObject({ check: 'key', outcome: 'undecided' })
})

const verifierWith = (own: typeof clock, deadline: number) => {
  const config = readConfig({ environment: 'test', jwks: mock.jwks(), clock: own })
  return introspectionVerifier(jwtVerifier(config), config, { endpoint: TEXAS, deadline, fetch: fake.fetch })
}

it('a request keeps the process alive until Texas answers or the deadline passes', async () => {
  const after = vi.fn(clock.after)
  await verifierWith({ ...clock, after }, 7).verify(token, { now: clock.now() / 1000 }, {})
  expect(
    after.mock.calls.map(([milliseconds, , inBackground]) => [milliseconds, inBackground]),
  ).toContainEqual([7000, false])
})

it('`trace.step` is the step in which a validator with Texas refuses a token', async () => {
  const verifier = verifierWith(clock, 5)
  const lastStep = async (given: string) => {
    const trace: VerificationTrace = { now: clock.now() / 1000 }
    await Promise.resolve(verifier.verify(given, trace, {})).catch(() => undefined)
    return trace.step
  }
  expect(await lastStep(await mock.badToken('bad-signature'))).toBe('signature')
  expect(await lastStep(await readToken({ claims: { consumer: 7 } }))).toBe('claims')
  answers({ active: false })
  expect(await lastStep(token)).toBe('introspection')
})
