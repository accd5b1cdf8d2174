import { expect, it, onTestFinished, vi } from 'vitest'
import { REASONS } from '../src/errors/reasons/reasons.js'
import { createMaskinportenValidator } from '../src/validator.js'
import { bearer, clock, events, mock, PID, READ, readToken, useWorld, validator } from './validator-world.js'

useWorld()

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
  const token = await readToken({ consumer: '889640782', supplier: '991825827', pid: PID })
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
  for (const secret of [PID, ...token.split('.')]) expect(JSON.stringify(event)).not.toContain(secret)
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

it('an `onDecision` that throws or rejects does not change the decision, and one line says that it failed', async () => {
  const print = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => print.mockRestore())
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
