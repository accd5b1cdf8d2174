import { afterEach, expect, it, vi } from 'vitest'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import { REASONS } from '../src/errors/reasons/reasons.js'
import { createMaskinportenValidator } from '../src/validator.js'
import { refusalOf } from './refusal.js'
import {
  bearer,
  clock,
  events,
  mock,
  READ,
  readToken,
  stranger,
  useWorld,
  validator,
} from './validator-world.js'

useWorld()
afterEach(() => {
  vi.restoreAllMocks()
})

it('a decision that allows a request contains the verified token', async () => {
  const decision = await validator().decide(`bearer  ${await readToken()}`, READ)
  expect(decision).toMatchObject({ allowed: true, token: { scopes: [READ] } })
})

it('`decide` rejects with the error that the application’s rule throws, and with an Error for another value', async () => {
  const own = new Error('database')
  const decideWith = async (thrown: unknown) =>
    validator().decide(await bearer(), { scope: READ, authorize: () => Promise.reject(thrown) })
  await expect(decideWith(own)).rejects.toBe(own)
  const message = expect.stringMatching(/not an error/)
  await expect(decideWith('route')).rejects.toMatchObject({ message, cause: 'route' })
})

it('if the application’s rule throws a MaskinportenError, `decide` rejects with another error that wraps it', async () => {
  const inner = () => validator().verify('x', READ)
  const refuses = (): never => {
    throw new MaskinportenError('expired')
  }
  for (const requirement of [
    { scope: READ, authorize: async () => Boolean(await inner()) },
    { scope: READ, pid: refuses },
    async () => ({ scope: (await inner()).scopes[0] ?? READ }),
  ]) {
    const token = await readToken({ pid: '01010199999' })
    const error: unknown = await validator()
      .decide(`Bearer ${token}`, requirement)
      .catch((thrown) => thrown)
    expect(error).not.toBeInstanceOf(MaskinportenError)
    expect(error).toMatchObject({ message: expect.any(String), cause: expect.any(MaskinportenError) })
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

it('the application’s `denialBody` gets the request, and returns the body of the denial', async () => {
  const own = validator({ realm: 'vedtak', denialBody: ({ reason }, request) => ({ reason, request }) })
  const decision = await own.decide(undefined, READ, { request: 'GET /' })
  const body = '{"reason":"no_credentials","request":"GET /"}'
  const headers = { 'www-authenticate': 'Bearer realm="vedtak"' }
  expect(decision).toMatchObject({ denial: { body, headers } })
})

it('`refuseUnguarded` answers 403 without a challenge, with an event and the application’s body', async () => {
  const own = validator({ denialBody: ({ reason }, request) => ({ reason, request }) })
  const decision = await own.refuseUnguarded({ request: 'GET /forgotten' })
  expect(decision).toMatchObject({
    allowed: false,
    denial: { status: 403, reason: 'no_guard', body: '{"reason":"no_guard","request":"GET /forgotten"}' },
  })
  expect(await own.refuseUnguarded()).toMatchObject({ denial: { body: '{"reason":"no_guard"}' } })
  const hint = REASONS.no_guard.hint
  const event = { allowed: false, verified: false, code: 'access_denied', reason: 'no_guard', hint }
  expect(events).toEqual([1, 2].map(() => ({ ...event, duration: expect.any(Number) })))
})

it('the duration of an event is the time that `decide` took, in milliseconds', async () => {
  clock.advance(1)
  await validator().decide(await bearer(), () => {
    clock.advance(0.25)
    return READ
  })
  expect(events).toMatchObject([{ allowed: true, duration: 250 }])
})

it.each([
  ['with `onDecision`', true, 3],
  ['without `onDecision`', false, 1],
])('a decision on a cached token reads the wall clock once (%s)', async (_title, hasEvent, elapsed) => {
  const read = { now: vi.fn(clock.now), elapsed: vi.fn(clock.elapsed) }
  const given = { issuer: mock.issuer, fetch: mock.fetch, clock: { ...clock, ...read } }
  const own = createMaskinportenValidator(hasEvent ? { ...given, onDecision: () => undefined } : given)
  const authorization = await bearer()
  await own.decide(authorization, READ)
  vi.clearAllMocks()
  await own.decide(authorization, READ)
  expect(read.now).toHaveBeenCalledTimes(1)
  // The monotonic clock measures the age of the keys (one reading) and the duration (two readings).
  expect(read.elapsed).toHaveBeenCalledTimes(elapsed)
})

it('an event contains supplier, consumer and duration, but never the token or a person’s number', async () => {
  const token = await readToken({ consumer: '889640782', supplier: '991825827', pid: '01010199999' })
  await validator().decide(`Bearer ${token}`, READ)
  const [event] = events
  expect(event).toMatchObject({
    allowed: true,
    consumer: { organisationNumber: '889640782' },
    supplier: { organisationNumber: '991825827' },
    delegationSource: 'https://tt02.altinn.no/',
    clientId: mock.env['MASKINPORTEN_CLIENT_ID'],
    tokenId: expect.any(String),
    keyId: mock.jwks().keys[0]?.kid,
    duration: expect.any(Number),
  })
  expect(JSON.stringify(event)).not.toMatch(/01010199999/)
  for (const part of token.split('.')) expect(JSON.stringify(event)).not.toContain(part)
})

it.each<[keyof typeof REASONS, () => Promise<string> | undefined]>([
  ['no_credentials', () => undefined],
  ['bad_signature', async () => `${await bearer()}AAAA`],
  ['altinn_token', () => bearer({ issuer: 'https://platform.altinn.no/authentication/api/v1/openid/' })],
])('an event with the reason %s contains no claims of the unverified token', async (reason, issue) => {
  const authorization = await issue()
  await validator().decide(authorization, READ)
  const { code, hint } = REASONS[reason]
  const keyId = authorization && { keyId: mock.jwks().keys[0]?.kid }
  const refusal = { allowed: false, verified: false, code, reason, hint }
  expect(events).toStrictEqual([{ ...refusal, requiredScope: READ, ...keyId, duration: 0 }])
})

it('if only the issuer’s final slash is wrong, event and explanation have a hint about that slash', async () => {
  const own = validator({ issuer: stranger.issuer.slice(0, -1), jwks: stranger.jwks() })
  const token = await stranger.issueToken({ scope: READ })
  await own.decide(`Bearer ${token}`, READ)
  expect(events[0]?.hint?.cause).toMatch(/differ only in the slash/)
  expect(String(await own.explain(token, READ))).toMatch(/differ only in the slash/)
})

const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
const down = () => Promise.reject(new TypeError('fetch failed', { cause }))

it('without keys, a good token gets 503 with Retry-After, and not 401', async () => {
  const decision = await validator({ fetch: down }).decide(await bearer(), READ)
  expect(decision).toMatchObject({ denial: { status: 503, headers: { 'retry-after': '1' } } })
  expect(events).toMatchObject([
    { reason: 'keys_unavailable', upstreamFailure: 'unreachable', upstreamFailureCode: 'ECONNREFUSED' },
  ])
})

it('each error during an outage has `retryAfter`, and its own `cause` object', async () => {
  const [token, shared] = [await readToken(), validator({ fetch: down })]
  const one = await refusalOf(shared.verify(token, READ))
  const other = await refusalOf(shared.verify(token, READ))
  for (const error of [one, other]) {
    expect(error).toMatchObject({
      reason: 'keys_unavailable',
      retryAfter: 1,
      cause: { reason: 'unreachable', code: 'ECONNREFUSED' },
    })
  }
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

it('an `onDecision` that throws or rejects does not change the decision, and one line says that it failed', async () => {
  const print = vi.spyOn(console, 'error').mockReturnValue()
  const fails = (): never => {
    throw new TypeError(`logger: ${mock.issuer}`)
  }
  for (const onDecision of [() => fails(), async () => fails()]) {
    const own = validator({ onDecision })
    for (const _ of [1, 2]) expect(await own.decide(await bearer(), READ)).toMatchObject({ allowed: true })
  }
  const line = 'portvakt: `onDecision` failed: TypeError. This line is printed once.'
  expect(print.mock.calls).toEqual([[line], [line]])
})
