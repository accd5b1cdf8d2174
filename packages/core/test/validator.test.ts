import { createTestClock } from '@portvakt/mock'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, it, vi } from 'vitest'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import { REASONS } from '../src/errors/reasons/reasons.js'
import { createMaskinportenValidator } from '../src/validator.js'
import { reasonOfAsync, refusalOf } from './refusal.js'
import { PLAIN, SAMPLE_TOKENS, SYSTEM_USER } from './sample-tokens.js'
import {
  bearer,
  clock,
  consent,
  events,
  forgedToken,
  mock,
  OTHER_PID,
  PID,
  READ,
  readToken,
  useWorld,
  validator,
} from './validator-world.js'

useWorld()
afterEach(() => {
  vi.restoreAllMocks()
})

it('`verify` and `decide` return the verified token when a call is allowed', async () => {
  const token = await readToken({ consumer: '889640782' })
  const verified = { consumer: { organisationNumber: '889640782' }, scopes: [READ] }
  expect(await validator().verify(token, READ)).toMatchObject(verified)
  expect(await validator().decide(`Bearer ${token}`, READ)).toMatchObject({ allowed: true, token: verified })
})

it.each(['RS256', 'RS384', 'RS512'] as const)('`verify` accepts the algorithm %s', async (algorithm) => {
  await expect(validator().verify(await readToken({ algorithm }), READ)).resolves.toBeDefined()
})

it('`decide` allows every documented form of token, signed by jose with a header without `typ`', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }
  const clock = createTestClock(PLAIN.iat * 1000)
  const own = createMaskinportenValidator({ environment: 'test', jwks, clock })
  for (const { title, claims } of SAMPLE_TOKENS) {
    const unsigned = new SignJWT({ ...claims }).setProtectedHeader({ kid: 'k1', alg: 'RS256' })
    const authorization = `Bearer ${await unsigned.sign(privateKey)}`
    expect(await own.decide(authorization, PLAIN.scope), title).toMatchObject({ allowed: true })
  }
})

it('`verify` refuses an algorithm that is not in `algorithms`', async () => {
  const strict = validator({ algorithms: ['RS512'] })
  expect(await reasonOfAsync(strict.verify(await readToken(), READ))).toBe('unsupported_algorithm')
})

it('`verify` throws a new, extensible error for each token with a wrong signature', async () => {
  const token = await forgedToken()
  const [one, other] = [
    await refusalOf(validator().verify(token, READ)),
    await refusalOf(validator().verify(token, READ)),
  ]
  expect(one).toMatchObject({ reason: 'bad_signature', stack: expect.stringContaining('validator') })
  expect(one).not.toHaveProperty('cause')
  expect(other).not.toBe(one)
  expect(Object.isExtensible(one)).toBe(true)
})

const audience = 'https://a.no'
const delegated = { consumer: '889640782', audience, supplier: '810969342' }
const authorizationDetails = [SYSTEM_USER, consent()]
it.each<[string, object]>([
  ['expired', { scope: 'nav:y', issuer: 'https://evil.example/', expiresIn: -60 }],
  ['wrong_issuer', { scope: 'nav:y', issuer: 'https://evil.example/' }],
  ['wrong_audience', { scope: 'nav:y', audience: 'https://b.no' }],
  ['insufficient_scope', { scope: 'nav:y', consumer: '991825827', audience }],
  ['consumer_not_allowed', { consumer: '991825827', audience }],
  ['delegation_required', { consumer: '889640782', audience }],
  ['system_user_required', delegated],
  ['consent_required', { ...delegated, authorizationDetails: [SYSTEM_USER] }],
  ['pid_required', { ...delegated, authorizationDetails }],
  ['pid_mismatch', { ...delegated, authorizationDetails, pid: OTHER_PID }],
  ['not_authorized', { ...delegated, authorizationDetails, pid: PID }],
])('checks run in order: the first that fails determines the reason %s', async (reason, token) => {
  const rule = {
    scope: READ,
    audience,
    consumers: ['889640782'],
    delegation: 'required',
    systemUser: 'required',
    consent: 'required',
    pid: () => PID,
    authorize: () => false,
  } as const
  expect(await reasonOfAsync(validator().verify(await readToken(token), rule))).toBe(reason)
})

it('demands are checked on every request: a consent can end before the token expires', async () => {
  const validTo = new Date(clock.now() + 5000).toISOString()
  const token = await readToken({ consumer: '889640782', authorizationDetails: [consent(validTo)] })
  const [rule, shared] = [{ scope: READ, consent: 'required' } as const, validator()]
  await expect(shared.verify(token, rule)).resolves.toBeDefined()
  clock.advance(5)
  expect(await reasonOfAsync(shared.verify(token, rule))).toBe('consent_expired')
  await expect(shared.verify(token, READ)).resolves.toBeDefined()
})

it('a decision that refuses a token contains no organisation number and no person’s number', async () => {
  const token = await readToken({ consumer: '991825827', supplier: '810969342', pid: PID })
  const rule = { scope: READ, delegation: { suppliers: ['889640782'] }, pid: () => OTHER_PID }
  const decision = await validator().decide(`Bearer ${token}`, rule)
  expect(decision).toMatchObject({ denial: { status: 403, reason: 'supplier_not_allowed' } })
  expect(JSON.stringify(decision)).not.toMatch(/991825827|810969342|889640782|0101019999/)
})

it('by default, `verify` accepts any audience, and the event reports one other than `unspecified` as unchecked', async () => {
  await validator().verify(await readToken({ audience: 'https://other.no' }), READ)
  await validator().verify(await readToken({ audience: 'unspecified' }), READ)
  await validator().verify(await readToken(), READ)
  expect(events.map((event) => event.audienceUnchecked)).toEqual([true, undefined, undefined])
})

it('every route requires the validator’s audience', async () => {
  const strict = validator({ audience })
  await expect(strict.verify(await readToken({ audience }), READ)).resolves.toBeDefined()
  expect(await reasonOfAsync(strict.verify(await readToken(), READ))).toBe('wrong_audience')
})

it('a requirement function runs only after the token is verified', async () => {
  const never = () => expect.unreachable('called for a forged token')
  expect(await reasonOfAsync(validator().verify(`${await readToken()}AAAA`, never))).toBe('bad_signature')
})

it('a token that expires while the first keys are fetched is refused', async () => {
  const fetch = (...given: Parameters<typeof mock.fetch>) => {
    clock.advance(2)
    return mock.fetch(...given)
  }
  const strict = validator({ fetch, clockTolerance: 0 })
  expect(await reasonOfAsync(strict.verify(await readToken({ expiresIn: 3 }), READ))).toBe('expired')
})

it('a consent that ends while a requirement function runs is refused', async () => {
  const validTo = new Date(clock.now() + 2000).toISOString()
  const token = await readToken({ consumer: '889640782', authorizationDetails: [consent(validTo)] })
  const slow = () => {
    clock.advance(2)
    return { scope: READ, consent: 'required' } as const
  }
  expect(await reasonOfAsync(validator().verify(token, slow))).toBe('consent_expired')
})

it('`decide` rejects with the error that the application’s rule throws', async () => {
  const own = new Error('database')
  const decided = validator().decide(await bearer(), { scope: READ, authorize: () => Promise.reject(own) })
  await expect(decided).rejects.toBe(own)
})

it('if the application’s rule throws a MaskinportenError, `decide` rejects with another error that wraps it', async () => {
  const cause = new MaskinportenError('expired')
  const refuses = (): never => {
    throw cause
  }
  const authorization = await bearer({ pid: PID })
  for (const requirement of [refuses, { scope: READ, authorize: refuses }, { scope: READ, pid: refuses }]) {
    const error: unknown = await validator()
      .decide(authorization, requirement)
      .catch((thrown) => thrown)
    expect(error).not.toBeInstanceOf(MaskinportenError)
    expect(error).toMatchObject({ cause })
  }
})

it('`decide` works with a replaced global Promise, as with zone.js', async () => {
  const [authorization, unhandled] = [await bearer(), vi.fn()]
  process.on('unhandledRejection', unhandled)
  vi.stubGlobal('Promise', class Patched extends Promise<unknown> {})
  try {
    const onDecision = async () => {
      throw new Error('logger')
    }
    const patched = validator({ onDecision })
    for (const _ of [1, 2]) expect(await patched.decide(authorization, READ)).toMatchObject({ allowed: true })
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    vi.unstubAllGlobals()
    process.off('unhandledRejection', unhandled)
  }
  expect(unhandled).not.toHaveBeenCalled()
})

it('a denial has the realm of the validator, and the body that `denialBody` returns for the request', async () => {
  const own = validator({ realm: 'vedtak', denialBody: ({ reason }, request) => ({ reason, request }) })
  const body = '{"reason":"no_credentials","request":"GET /"}'
  const headers = { 'www-authenticate': 'Bearer realm="vedtak"' }
  const decision = await own.decide(undefined, READ, { request: 'GET /' })
  expect(decision).toMatchObject({ denial: { body, headers } })
})

it('`refuseUnguarded` answers 403 without a challenge, with an event and the application’s body', async () => {
  const own = validator({ denialBody: ({ reason }, request) => ({ reason, request }) })
  const denial = { status: 403, reason: 'no_guard', body: '{"reason":"no_guard","request":"GET /"}' }
  expect(await own.refuseUnguarded({ request: 'GET /' })).toMatchObject({ allowed: false, denial })
  expect(await own.refuseUnguarded()).toMatchObject({ denial: { body: '{"reason":"no_guard"}' } })
  const hint = REASONS.no_guard.hint
  const event = { allowed: false, verified: false, code: 'access_denied', reason: 'no_guard', hint }
  expect(events).toEqual([1, 2].map(() => ({ ...event, duration: expect.any(Number) })))
})

const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
const down = () => Promise.reject(new TypeError('fetch failed', { cause }))

it('without keys, a good token gets 503 with Retry-After, and each error has its own `cause` object', async () => {
  const [token, shared] = [await readToken(), validator({ fetch: down })]
  const denial = { status: 503, reason: 'keys_unavailable', headers: { 'retry-after': '1' } }
  expect(await shared.decide(`Bearer ${token}`, READ)).toMatchObject({ denial })
  expect(events).toMatchObject([{ upstreamFailure: 'unreachable', upstreamFailureCode: 'ECONNREFUSED' }])
  const one = await refusalOf(shared.verify(token, READ))
  const other = await refusalOf(shared.verify(token, READ))
  const expected = { retryAfter: 1, cause: { reason: 'unreachable', code: 'ECONNREFUSED' } }
  for (const error of [one, other]) expect(error).toMatchObject(expected)
  expect(other?.cause).not.toBe(one?.cause)
})

it('`ready` rejects with the same error that the application’s clock throws', async () => {
  const own = new Error('clock')
  const elapsed = () => {
    throw own
  }
  await expect(validator({ clock: { ...clock, elapsed } }).ready()).rejects.toBe(own)
})

it('`health` has every member that a readiness probe needs', async () => {
  const validated = validator()
  expect(validated.health()).toEqual({ usable: false, keys: 0 })
  await validated.ready()
  clock.advance(5)
  expect(validated.health()).toEqual({ usable: true, keys: 1, keyAge: 5 })
})
