import { expect, it, vi } from 'vitest'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import { REASONS } from '../src/errors/reasons/reasons.js'
import { createMaskinportenValidator } from '../src/validator.js'
import { bearer, clock, events, mock, READ, readToken, useWorld, validator } from './validator-world.js'

useWorld()

it('a missing token is answered with a challenge and no error code', async () => {
  const denial = { status: 401, headers: { 'www-authenticate': 'Bearer realm="maskinporten"' } }
  expect(await validator().decide(undefined, READ)).toMatchObject({ allowed: false, denial })
})

it('a decision that allows a request contains the verified token', async () => {
  const decision = await validator().decide(`bearer  ${await readToken()}`, READ)
  expect(decision).toMatchObject({ allowed: true, token: { scopes: [READ] } })
})

it('`decide` rejects with the error that the application’s own rule throws', async () => {
  const own = new Error('database')
  const rule = { scope: READ, authorize: () => Promise.reject(own) }
  await expect(validator().decide(await bearer(), rule)).rejects.toBe(own)
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
  expect(events).toEqual([
    {
      allowed: false,
      verified: false,
      code: 'access_denied',
      reason: 'no_guard',
      hint: REASONS.no_guard.hint,
      duration: expect.any(Number),
    },
  ])
})

it('`refuseUnguarded` works without a context', async () => {
  expect(await validator().refuseUnguarded()).toMatchObject({ denial: { status: 403, reason: 'no_guard' } })
  expect(events).toMatchObject([{ reason: 'no_guard' }])
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

it('the event of a request without a token has no `keyId`', async () => {
  await validator().decide(undefined, READ)
  expect(events[0]).toMatchObject({ allowed: false, reason: 'no_credentials' })
  const members = Object.keys(events[0] ?? {}).join(' ')
  expect(members).toBe('allowed verified code reason hint requiredScope duration')
})

it('the event has no organisation before the signature is verified', async () => {
  await validator().decide(`Bearer ${await readToken()}AAAA`, READ)
  expect(events[0]).toEqual({
    allowed: false,
    verified: false,
    code: 'invalid_token',
    reason: 'bad_signature',
    hint: REASONS.bad_signature.hint,
    requiredScope: READ,
    keyId: mock.jwks().keys[0]?.kid,
    duration: 0,
  })
})

it('an `onDecision` that throws or rejects does not change the decision', async () => {
  const throwing = () => {
    throw new Error('logger')
  }
  for (const onDecision of [throwing, () => Promise.reject(new Error('logger'))])
    expect(await validator({ onDecision }).decide(await bearer(), READ)).toMatchObject({ allowed: true })
})
