import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MaskinportenValidatorOptions } from '../../src/config/validator-options.js'
import type { DecisionEvent } from '../../src/decision/event.js'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'

const READ = 'nav:x.read'
const PID = '01010199999'
const OTHER_PID = '01010199998'
const NAV = { authority: 'iso6523-actorid-upis', ID: '0192:889640782' }

let clock: TestClock
let mock: MockMaskinporten
let stranger: MockMaskinporten
beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock })
  stranger = await createMockMaskinporten({ clock, issuer: 'https://elsewhere.example/' })
})

const made = (options: MaskinportenValidatorOptions = {}) =>
  createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock, ...options })

const consent = (validTo: string, to = NAV) => ({
  type: 'urn:altinn:consent',
  id: 'c',
  from: `urn:altinn:person:identifier-no:${PID}`,
  to,
  consented: '2025-11-14T10:48:55Z',
  validTo,
  consentRights: [{ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'a' }] }],
})
const PAST = '2001-01-01T00:00:00Z'

/** What a decision says: the reason of a refusal, or that there is none. */
async function decided(
  validator: MaskinportenValidator,
  token: string,
  requirement: AccessRequirement<{ path: string }>,
) {
  const request = { path: 'x.read' }
  return validator.verify(token, requirement, { request }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof MaskinportenError) return error
      throw error
    },
  )
}

describe('an explanation', () => {
  const outcomes = async (
    validator: MaskinportenValidator,
    token: object,
    requirement: AccessRequirement,
  ) => {
    const { checks } = await validator.explain(await mock.issueToken({ scope: READ, ...token }), requirement)
    return Object.fromEntries(
      checks.map(({ check, outcome, decisive }) => [check, decisive ? `${outcome}, decisive` : outcome]),
    )
  }
  let validator: MaskinportenValidator
  beforeEach(async () => {
    validator = made()
    await validator.ready()
  })

  it('an explanation lists every check in the order of a decision, with what it requires', async () => {
    const rule = { scope: READ, consumers: ['889640782'] }
    const { checks } = await validator.explain(
      await mock.issueToken({ scope: READ, consumer: '889640782' }),
      rule,
    )
    expect(checks.map(({ check }) => check)).toEqual([
      'spelling',
      'key',
      'signature',
      'claims',
      'time',
      'issuer',
      'audience',
      'scope',
      'consumers',
      'delegation',
      'systemUser',
      'consent',
      'pid',
      'authorize',
    ])
    expect(checks.every(({ outcome }) => outcome === 'passed')).toBe(true)
    expect(checks.find(({ check }) => check === 'scope')?.expected).toBe(READ)
    expect(checks.find(({ check }) => check === 'pid')?.expected).toBe('nothing is required')
  })

  it('an explanation says what a failure means and what to do', async () => {
    const { checks } = await validator.explain(await mock.issueToken({ scope: 'nav:y' }), READ)
    expect(checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      check: 'scope',
      reason: 'insufficient_scope',
      decisive: true,
      hint: { cause: expect.stringMatching(/scope/), fix: expect.stringMatching(/granted/) },
    })
  })

  it('an explanation continues after the first failure with checks that do not depend on it', async () => {
    const rule = { scope: READ, consumers: ['889640782'], delegation: 'forbidden' } as const
    const token = { expiresIn: -60, scope: 'nav:y', consumer: '991825827', supplier: '810969342' }
    expect(await outcomes(validator, token, rule)).toMatchObject({
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
    await decided(validator, forged, READ)
    const explanation = await validator.explain(forged, READ)
    expect(explanation.checks.slice(1).map(({ outcome }) => outcome)).toEqual([
      'failed',
      ...Array(12).fill('not_reached'),
    ])
    expect(explanation).not.toHaveProperty('token')
  })

  it('an explanation runs the application’s functions only on tokens that have passed every earlier check', async () => {
    const never = () => expect.unreachable('asked about a refused token')
    const token = { expiresIn: -60, pid: PID }
    expect(await outcomes(validator, token, never)).toMatchObject({
      time: 'failed, decisive',
      scope: 'not_reached',
    })
    const rule = { scope: READ, pid: never, authorize: never }
    expect(await outcomes(validator, token, rule)).toMatchObject({
      pid: 'not_reached',
      authorize: 'not_reached',
    })
  })

  it('an explanation rejects with what the application’s functions throw, always as an error', async () => {
    const token = await mock.issueToken({ scope: READ })
    const thrown = new Error('database')
    const rejecting = (reason: unknown) => ({ scope: READ, authorize: () => Promise.reject(reason) })
    await expect(validator.explain(token, rejecting(thrown))).rejects.toBe(thrown)
    await expect(validator.explain(token, rejecting(undefined))).rejects.toThrow(/not an error/)
  })

  it('an explanation throws for an invalid requirement', async () => {
    await expect(validator.explain(await mock.issueToken(), 'no scope')).rejects.toThrow(TypeError)
  })

  it('an explanation fetches nothing, and says so when keys are missing', async () => {
    const fetch = () => expect.unreachable('fetched')
    const token = await mock.issueToken({ scope: READ })
    const explanation = await made({ fetch }).explain(token, READ)
    expect(explanation.verdict).toBe('undecided')
    expect(explanation.checks[1]).toMatchObject({
      check: 'key',
      outcome: 'undecided',
      hint: { cause: expect.stringMatching(/fetches nothing/), fix: expect.stringMatching(/ready\(\)/) },
    })
  })

  it('an explanation is undecided about a key for which a request would fetch, and does not call `onDecision`', async () => {
    let fetches = 0
    const events: unknown[] = []
    const shared = made({
      fetch: (url, init) => {
        fetches++
        return mock.fetch(url, init)
      },
      onDecision: (event) => events.push(event),
    })
    await shared.ready()
    const before = fetches
    const unknown = await mock.issueToken({ scope: READ, header: { kid: 'new' } })
    expect((await shared.explain(unknown, READ)).verdict).toBe('undecided')
    expect([fetches, events.length]).toEqual([before, 0])
  })

  it('an explanation reports `keys_unavailable` in an outage, as a decision does', async () => {
    const down = made({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const token = await mock.issueToken({ scope: READ })
    expect((await decided(down, token, READ))?.reason).toBe('keys_unavailable')
    expect((await down.explain(token, READ)).reason).toBe('keys_unavailable')
  })

  it('an explanation shows scopes and organisations of a verified token, and never the token or a person’s number', async () => {
    const token = await mock.issueToken({
      scope: READ,
      consumer: '889640782',
      supplier: '810969342',
      pid: PID,
      authorizationDetails: [consent(PAST)],
    })
    const rule = { scope: READ, consent: 'required', pid: () => OTHER_PID } as const
    const explanation = await validator.explain(token, rule)
    expect(explanation.token).toMatchObject({
      scopes: [READ],
      consumer: { organisationNumber: '889640782' },
      supplier: { organisationNumber: '810969342' },
    })
    for (const text of [JSON.stringify(explanation), String(explanation)]) {
      expect(text).not.toMatch(new RegExp(`${PID}|${OTHER_PID}`))
      for (const part of token.split('.')) expect(text).not.toContain(part.slice(0, 12))
    }
  })

  it('an explanation has a text for people', async () => {
    const token = await mock.issueToken({ scope: 'nav:y', expiresIn: -60 })
    const text = String(
      await validator.explain(token, { scope: { allOf: [READ, { anyOf: ['nav:b', 'nav:c'] }] } }),
    )
    expect(text.split('\n')[0]).toBe('refused: expired')
    expect(text).toMatch(/ ✓ signature: .*\n/)
    expect(text).toMatch(/ ✗ time: .*\n {6}The token’s `exp` has passed\.\n {6}→ .*new token/)
    expect(text).toMatch(/ ✗ scope: nav:x\.read and \(nav:b or nav:c\) \(too\)\n/)
    expect(text).toMatch(/ · authorize: /)
  })
})

it('an explanation says why a published key is not used, as the event does', async () => {
  const events: DecisionEvent[] = []
  const [key] = mock.jwks().keys
  const validator = createMaskinportenValidator({
    issuer: mock.issuer,
    jwks: { keys: [...stranger.jwks().keys, { ...key, alg: 'PS256' }] },
    clock,
    onDecision: (event) => events.push(event),
  })
  const token = await mock.issueToken({ scope: READ })
  await validator.decide(`Bearer ${token}`, READ)
  expect(events).toEqual([
    expect.objectContaining({ reason: 'unusable_key', keyProblem: 'wrong_algorithm', verified: false }),
  ])
  expect(events[0]?.hint?.cause).toMatch(/is published, but .* must not be used/)
  const explanation = await validator.explain(token, READ)
  expect(explanation).toMatchObject({ verdict: 'refused', reason: 'unusable_key' })
  expect(String(explanation)).toContain('Here its `alg` is not among `algorithms`.')
})

it.each([
  ['missing_claim', 'consumer', { consumer: undefined }],
  ['malformed_claims', 'scope', { scope: [READ] }],
  ['malformed_claims', 'authorization_details', { authorization_details: {} }],
])('an explanation names the claim, as the event does: %s, %s', async (reason, claim, changes) => {
  const events: DecisionEvent[] = []
  const validator = made({ onDecision: (event) => events.push(event) })
  const token = await mock.issueToken({ scope: READ, claims: changes })
  await validator.decide(`Bearer ${token}`, READ)
  expect(events).toEqual([expect.objectContaining({ reason, claim })])
  const explanation = await validator.explain(token, READ)
  expect(explanation.checks).toContainEqual(expect.objectContaining({ check: 'claims', reason, claim }))
  expect(String(explanation)).toContain(`Here it is \`${claim}\`.`)
})

it('the signature of an expired token is verified by given keys, also before the first decision', async () => {
  const { checks } = await made({ jwks: mock.jwks() }).explain(
    await mock.issueToken({ expiresIn: -60 }),
    READ,
  )
  const outcomes = Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]))
  expect(outcomes).toMatchObject({ key: 'passed', signature: 'passed', time: 'failed' })
})
