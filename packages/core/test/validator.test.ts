import { expect, it } from 'vitest'
import { reasonOfAsync, refusalOf } from './refusal.js'
import { SYSTEM_USER } from './sample-tokens.js'
import {
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

it('`verify` returns the verified token when a call is allowed', async () => {
  const token = await validator().verify(await readToken({ consumer: '889640782' }), READ)
  expect(token.consumer.organisationNumber).toBe('889640782')
  expect(token.scopes).toEqual([READ])
})

it.each(['RS256', 'RS384', 'RS512'] as const)('`verify` accepts the algorithm %s', async (algorithm) => {
  await expect(validator().verify(await readToken({ algorithm }), READ)).resolves.toBeDefined()
})

it('`verify` refuses an algorithm that is not in `algorithms`', async () => {
  const strict = validator({ algorithms: ['RS512'] })
  expect(await reasonOfAsync(strict.verify(await readToken(), READ))).toBe('unsupported_algorithm')
})

it('`verify` refuses a token with a wrong signature, and the error has no `cause`', async () => {
  const error: unknown = await validator()
    .verify(await forgedToken(), READ)
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ reason: 'bad_signature' })
  expect(error).not.toHaveProperty('cause')
})

it('`verify` throws a new, extensible error each time', async () => {
  const [one, other] = [
    await refusalOf(validator().verify('', READ)),
    await refusalOf(validator().verify('', READ)),
  ]
  expect(one).toMatchObject({ reason: 'empty_token', stack: expect.stringContaining('validator') })
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

const byMethod = (request: { method: string }) => (request.method === 'GET' ? READ : 'nav:x.write')

it('a requirement can depend on the request', async () => {
  const token = await readToken()
  await expect(validator().verify(token, byMethod, { request: { method: 'GET' } })).resolves.toBeDefined()
  const put = validator().verify(token, byMethod, { request: { method: 'PUT' } })
  expect(await reasonOfAsync(put)).toBe('insufficient_scope')
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
