import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config/validator-options.js'
import { createGuard } from '../src/guard.js'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { introspectionVerifier } from '../src/verifiers/introspection-verifier.js'
import { jwtVerifier } from '../src/verifiers/jwt-verifier.js'
import type { VerificationTrace } from '../src/verifiers/token-verifier.js'
import { deferred } from './deferred.js'
import { reasonOfAsync } from './refusal.js'
import { clock, events, mock, READ, readToken, TEXAS, texasValidator, useWorld } from './validator-world.js'

useWorld()

let token: string
let asked: { readonly url: string; readonly init: RequestInit }[]
/** Answers an introspection. By default, each token is active, and the answer has the token's claims. */
let answer: (token: string) => Response | Promise<Response>

beforeEach(async () => {
  asked = []
  answer = (given) =>
    Response.json(given === 'probe' ? { active: false } : { active: true, ...decodeJwt(given) })
  token = await readToken({ consumer: '889640782' })
})

const fetch = async (url: string, init: RequestInit) => {
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  asked.push({ url, init })
  return answer(JSON.parse(String(init.body)).token)
}
const texas = (options: TexasValidatorOptions = {}) => texasValidator({ fetch, ...options })
const answers = (body: unknown) => {
  answer = () => Response.json(body)
}

it('the request to Texas is a POST that names the identity provider and does not follow redirects', async () => {
  await texas().verify(token, READ)
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({
    url: TEXAS,
    init: {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ identity_provider: 'maskinporten', token }),
    },
  })
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
  expect(asked).toHaveLength(2)
})

it('a validator with Texas can be used in a guard', async () => {
  const guard = createGuard(READ, { validator: texas() })
  expect(await guard(`Bearer ${token}`, {})).toMatchObject({ allowed: true, token: { scopes: [READ] } })
})

const aud = 'https://a.no'
const otherConsumer = { authority: 'iso6523-actorid-upis', ID: '0192:991825827' }
it.each<[string, object]>([
  ['wrong_environment', { iss: 'https://maskinporten.no/' }],
  ['missing_claim', { iss: undefined }],
  ['expired', { exp: 1 }],
  ['issued_in_future', { iat: 4_000_000_000, exp: 4_000_000_010 }],
  ['not_yet_valid', { nbf: 4_000_000_000 }],
  ['lifetime_too_long', { exp: 4_000_000_000 }],
  ['sender_constrained', { cnf: { jkt: 'x' } }],
  ['malformed_claims', { scope: [READ] }],
  ['malformed_claims', { exp: '4000000000' }],
  ['missing_claim', { consumer: undefined }],
  ['malformed_claims', { authorization_details: [{ type: 'urn:altinn:systemuser' }] }],
  ['wrong_audience', { aud: 'https://b.no' }],
  ['insufficient_scope', { aud, scope: 'nav:other' }],
  ['consumer_not_allowed', { aud, consumer: otherConsumer }],
])('a token that Texas accepts is still refused as %s for the claims %o', async (reason, claims) => {
  const rule = { scope: READ, audience: aud, consumers: ['889640782'] }
  const validator = texas()
  await validator.ready()
  expect(await reasonOfAsync(validator.verify(await readToken({ claims }), rule))).toBe(reason)
})

it('a validator with Texas applies its own clock tolerance, which is smaller than Texas’s', async () => {
  const [iat, exp] = [clock.now() / 1000 - 100, clock.now() / 1000 - 9]
  const late = await readToken({ claims: { iat, exp } })
  await expect(texas().verify(late, READ)).resolves.toBeDefined()
  expect(await reasonOfAsync(texas({ clockTolerance: 5 }).verify(late, READ))).toBe('expired')
})

it.each([
  'invalid token: ExpiredSignature',
  'token can not be validated with this identity provider',
  'invalid token: fetch: x',
  // Texas quotes the text that it could not parse. An attacker can put such text in an unsigned token.
  'invalid token header: JSON error: invalid type: string "is not enabled", expected a sequence',
  "invalid token header: identity provider 'maskinporten' is not enabled",
  '',
  undefined,
  7,
])('an inactive token gets 401 whatever the error in Texas’s response: %j', async (error) => {
  answers({ active: false, error })
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
  ['wrong_environment', () => readToken({ issuer: 'https://maskinporten.no/' })],
  ['client_assertion', () => readToken({ issuer: 'client', audience: 'https://test.maskinporten.no/' })],
  ['bad_signature', () => mock.badToken('bad-signature')],
  ['bad_signature', () => mock.badToken('strangers-key')],
  ['bad_signature', () => mock.badToken('tampered-claims')],
  ['unknown_key', () => mock.badToken('kid-unknown')],
  ['unknown_key', () => mock.badToken('embedded-key')],
  ['unsupported_algorithm', () => mock.badToken('alg-ps256')],
])('a token that is refused as %s is not sent to Texas', async (reason, issue) => {
  expect(await reasonOfAsync(texas().verify(await issue(), READ))).toBe(reason)
  expect(asked).toEqual([])
})

it('a malformed token is never sent to Texas', async () => {
  const guard = createGuard(READ, { validator: texas() })
  const malformed = ['', 'Basic x', 'Bearer', 'Bearer x', `Bearer ${token}=`, 'Bearer a.b.c']
  for (const value of [undefined, ...malformed])
    expect(await guard(value, {})).toMatchObject({ allowed: false })
  expect(asked).toEqual([])
})

describe('a response from Texas without a verdict', () => {
  const claims = () => decodeJwt(token)
  const good = () => ({ active: true, ...claims() })
  const elsewhere = { location: 'https://evil.example/' }
  const NOT_ENABLED = "identity provider 'maskinporten' is not enabled"

  it.each<[string, string, () => Response | Promise<Response>]>([
    ['no_upstream', 'keys not found', () => Response.json({ active: false, error: 'fetch: timed out' })],
    ['not_enabled', 'not enabled', () => Response.json({ active: false, error: NOT_ENABLED })],
    ['not_introspection', 'no `active`', () => Response.json(claims())],
    ['not_introspection', '`active` as text', () => Response.json({ ...claims(), active: 'true' })],
    ['not_introspection', '`active` as a number', () => Response.json({ ...claims(), active: 1 })],
    ['not_introspection', '`active` null', () => Response.json({ ...claims(), active: null })],
    ['not_introspection', 'a list', () => Response.json([good()])],
    ['not_introspection', 'null', () => Response.json(null)],
    [
      'not_introspection',
      'a __proto__ member',
      () => new Response(`{"active":true,"__proto__":${JSON.stringify(claims())}}`),
    ],
    ['bad_status', '500 with a good body', () => Response.json(good(), { status: 500 })],
    ['bad_status', '400', () => Response.json({ error: 'invalid_request' }, { status: 400 })],
    ['bad_status', '201 with a good body', () => Response.json(good(), { status: 201 })],
    ['redirected', 'a redirect', () => new Response(null, { status: 307, headers: elsewhere })],
    ['not_json', 'HTML', () => new Response('<html>')],
    ['not_json', 'an empty body', () => new Response('')],
    ['too_large', 'over 64 KiB', () => Response.json({ ...good(), more: 'x'.repeat(65_536) })],
    ['unreachable', 'no answer', () => Promise.reject(new TypeError('fetch failed'))],
  ])('a response from Texas without a verdict causes 503 and `%s`: %s', async (failure, _title, given) => {
    answer = given
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
    answer = () => Promise.reject(new TypeError('fetch failed'))
    const error: unknown = await texas()
      .verify(token, READ)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ cause: { reason: 'unreachable' } })
    expect(JSON.stringify([error, String(error)])).not.toContain(token.slice(0, 20))
  })
})

it('`explain` does not call Texas, and reports the check `introspection` as undecided', async () => {
  const validator = texas()
  await validator.ready()
  asked = []
  const explanation = await validator.explain(token, READ)
  expect(explanation.verdict).toBe('undecided')
  const steps = explanation.checks.slice(0, 6).map(({ check, outcome }) => `${check} ${outcome}`)
  expect(steps.slice(0, 4)).toEqual(['form passed', 'key passed', 'signature passed', 'claims passed'])
  expect(steps.slice(4)).toEqual(['introspection undecided', 'time not_reached'])
  const expired = await validator.explain(await mock.issueToken({ expiresIn: -60 }), READ)
  expect(expired).toMatchObject({ verdict: 'refused', reason: 'expired' })
  const forged = await validator.explain(await mock.badToken('bad-signature'), READ)
  expect(forged).toMatchObject({ verdict: 'refused', reason: 'bad_signature' })
  const malformed = await validator.explain('a.b', READ)
  expect(malformed.checks[0]).toMatchObject({ check: 'form', outcome: 'failed' })
  expect(asked).toEqual([])
})

it('before the keys are loaded, `explain` of a validator with Texas reports the check `key` as undecided', async () => {
  const options = { environment: 'test', introspectionEndpoint: TEXAS, fetch, clock } as const
  const { checks } = await createTexasValidator(options).explain(token, READ)
  expect(checks[1]).toMatchObject({ check: 'key', outcome: 'undecided' })
})

it('a request keeps the process alive until Texas answers or the deadline passes', async () => {
  const delays: unknown[] = []
  const after: typeof clock.after = (milliseconds, callback, inBackground) => {
    delays.push([milliseconds, inBackground])
    return clock.after(milliseconds, callback, inBackground)
  }
  const recorded = { now: () => clock.now(), elapsed: () => clock.elapsed(), after }
  const config = readConfig({ environment: 'test', jwks: mock.jwks(), clock: recorded })
  const verifier = introspectionVerifier(jwtVerifier(config), config, { endpoint: TEXAS, deadline: 7, fetch })
  await verifier.verify(token, { now: clock.now() / 1000 }, {})
  expect(delays).toContainEqual([7000, false])
})

it('`trace.step` is the step in which a validator with Texas refuses a token', async () => {
  const config = readConfig({ environment: 'test', jwks: mock.jwks(), clock })
  const verifier = introspectionVerifier(jwtVerifier(config), config, { endpoint: TEXAS, deadline: 5, fetch })
  const lastStep = async (given: string) => {
    const trace: VerificationTrace = { now: clock.now() / 1000 }
    await Promise.resolve(verifier.verify(given, trace, {})).catch(() => undefined)
    return trace.step
  }
  expect(await lastStep('a.b')).toBe('form')
  expect(await lastStep(await mock.badToken('kid-unknown'))).toBe('key')
  expect(await lastStep(await mock.badToken('bad-signature'))).toBe('signature')
  expect(await lastStep(await readToken({ claims: { consumer: 7 } }))).toBe('claims')
  answers({ active: false })
  expect(await lastStep(token)).toBe('introspection')
})
