import { beforeEach, expect, it } from 'vitest'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import type { MaskinportenValidator } from '../../src/validator.js'
import { reasonOfAsync } from '../refusal.js'
import {
  consent,
  events,
  mock,
  OTHER_PID,
  PID,
  READ,
  readToken,
  stranger,
  useWorld,
  validator,
} from '../validator-world.js'

useWorld()

let shared: MaskinportenValidator
beforeEach(async () => {
  shared = validator()
  await shared.ready()
})

const outcomes = async (token: object, requirement: AccessRequirement, own = shared) => {
  const { checks } = await own.explain(await readToken(token), requirement)
  return Object.fromEntries(
    checks.map(({ check, outcome, decisive }) => [check, decisive ? `${outcome}, decisive` : outcome]),
  )
}

it('an explanation continues after a failed check with the checks that do not depend on that check', async () => {
  const rule = { scope: READ, consumers: ['889640782'], delegation: 'forbidden' } as const
  const token = { expiresIn: -60, scope: 'nav:y', consumer: '991825827', supplier: '810969342' }
  expect(await outcomes(token, rule)).toMatchObject({
    claims: 'passed',
    time: 'failed, decisive',
    issuer: 'not_reached',
    scope: 'failed',
    consumers: 'failed',
    delegation: 'failed',
  })
})

it('an explanation checks no claims before the signature is verified', async () => {
  const forged = await stranger.issueToken({ issuer: mock.issuer, scope: 'nav:y', expiresIn: 60 })
  expect(await reasonOfAsync(shared.verify(forged, READ))).toBe('unknown_key')
  const explanation = await shared.explain(forged, READ)
  const later = explanation.checks.slice(1).map(({ outcome }) => outcome)
  expect(later).toEqual(['failed', ...Array(12).fill('not_reached')])
  expect(explanation).not.toHaveProperty('token')
})

it('an explanation calls the application’s functions only after every earlier check has passed', async () => {
  const never = () => expect.unreachable('called for a refused token')
  const token = { expiresIn: -60, pid: PID }
  const computed = await outcomes(token, never)
  expect(computed).toMatchObject({ time: 'failed, decisive', scope: 'not_reached' })
  const rule = { scope: READ, pid: never, authorize: never }
  expect(await outcomes(token, rule)).toMatchObject({ pid: 'not_reached', authorize: 'not_reached' })
})

it('an explanation rejects with the error that the application’s functions throw', async () => {
  const thrown = new Error('database')
  const rejecting = (reason: unknown) => ({ scope: READ, authorize: () => Promise.reject(reason) })
  const pid = () => {
    throw thrown
  }
  const token = await readToken({ pid: PID })
  await expect(shared.explain(token, rejecting(thrown))).rejects.toBe(thrown)
  await expect(shared.explain(token, { scope: READ, pid })).rejects.toBe(thrown)
  await expect(shared.explain(token, rejecting(undefined))).rejects.toThrow(/not an error/)
})

it('an explanation fetches nothing, and is undecided before keys are loaded', async () => {
  const fetch = () => expect.unreachable('fetched')
  const explanation = await validator({ fetch }).explain(await readToken(), READ)
  expect(explanation.verdict).toBe('undecided')
  expect(explanation.checks[1]).toMatchObject({
    check: 'key',
    outcome: 'undecided',
    hint: { cause: expect.stringMatching(/needs a fetch/), fix: expect.stringMatching(/ready\(\)/) },
  })
})

it('for an unknown key, an explanation is undecided, fetches nothing and sends no event to listeners', async () => {
  const before = { ...mock.requests }
  const unknown = await readToken({ header: { kid: 'new' } })
  expect((await shared.explain(unknown, READ)).verdict).toBe('undecided')
  expect([mock.requests, events]).toEqual([before, []])
})

it('an explanation reports `keys_unavailable` in an outage, as a decision does', async () => {
  const down = validator({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
  const token = await readToken()
  expect(await reasonOfAsync(down.verify(token, READ))).toBe('keys_unavailable')
  expect((await down.explain(token, READ)).reason).toBe('keys_unavailable')
})

it('an explanation shows scopes and organisations, but neither the token nor a person’s number', async () => {
  const parties = { consumer: '889640782', supplier: '810969342' }
  const authorizationDetails = [consent('2001-01-01T00:00:00Z')]
  const token = await readToken({ ...parties, pid: PID, authorizationDetails })
  const rule = { scope: READ, consent: 'required', pid: () => OTHER_PID } as const
  const explanation = await shared.explain(token, rule)
  expect(explanation.token).toMatchObject({
    scopes: [READ],
    consumer: { organisationNumber: '889640782' },
    supplier: { organisationNumber: '810969342' },
    delegationSource: 'https://tt02.altinn.no/',
  })
  const undelegated = await shared.explain(await readToken(), READ)
  const members = ['scopes', 'consumer', 'audience', 'issuedAt', 'expiresAt']
  expect(Object.keys(JSON.parse(JSON.stringify(undelegated.token)))).toEqual(members)
  for (const text of [JSON.stringify(explanation), String(explanation)]) {
    expect(text).not.toMatch(new RegExp(`${PID}|${OTHER_PID}`))
    for (const part of token.split('.')) expect(text).not.toContain(part.slice(0, 12))
  }
})

it('an explanation says why a published key is not used, as the event does', async () => {
  const [key] = mock.jwks().keys
  const own = validator({ jwks: { keys: [...stranger.jwks().keys, { ...key, alg: 'PS256' }] } })
  const token = await readToken()
  await own.decide(`Bearer ${token}`, READ)
  const expected = { reason: 'unusable_key', keyProblem: 'wrong_algorithm', verified: false }
  expect(events).toEqual([expect.objectContaining(expected)])
  expect(events[0]?.hint?.cause).toMatch(/is published, but .* must not be used/)
  const explanation = await own.explain(token, READ)
  expect(explanation).toMatchObject({ verdict: 'refused', reason: 'unusable_key' })
  expect(String(explanation)).toContain('Here its `alg` is not among `algorithms`.')
})

it('explanation and event both name the claim that is malformed', async () => {
  const token = await readToken({ claims: { scope: [READ] } })
  await shared.decide(`Bearer ${token}`, READ)
  const malformed = expect.objectContaining({ reason: 'malformed_claims', claim: 'scope' })
  expect(events).toEqual([malformed])
  const explanation = await shared.explain(token, READ)
  expect(explanation.checks).toContainEqual(malformed)
  expect(String(explanation)).toContain(' Here it is `scope`.')
})

it('with configured keys, an explanation verifies signatures even before the first decision', async () => {
  const seen = await outcomes({ expiresIn: -60 }, READ, validator({ jwks: mock.jwks() }))
  expect(seen).toMatchObject({ key: 'passed', signature: 'passed', time: 'failed, decisive' })
})
