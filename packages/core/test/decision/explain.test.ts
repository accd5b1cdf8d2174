import { readFileSync } from 'node:fs'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import type { MaskinportenValidatorOptions } from '../../src/config/validator-options.js'
import type { DecisionEvent } from '../../src/decision/decision.js'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { ACCESS_CHECKS, TOKEN_CHECKS } from '../../src/requirements/checks.js'
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

const systemUser = {
  type: 'urn:altinn:systemuser',
  systemuser_org: NAV,
  systemuser_id: ['x'],
  system_id: 's',
}
const consent = (validTo: string, to = NAV) => ({
  type: 'urn:altinn:consent',
  id: 'c',
  from: `urn:altinn:person:identifier-no:${PID}`,
  to,
  consented: '2025-11-14T10:48:55Z',
  validTo,
  consentRights: [{ action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'a' }] }],
})
const [FUTURE, PAST] = ['2999-01-01T00:00:00Z', '2001-01-01T00:00:00Z']
const NOBODY = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' }

/** Tokens of every kind that a check may object to, and some that several may. */
const TOKENS: readonly object[] = [
  {},
  { scope: `${READ} nav:x.write`, consumer: '889640782' },
  { scope: 'nav:other' },
  { scope: 'x.read' },
  { scope: '' },
  { expiresIn: -60 },
  { expiresIn: -60, scope: 'nav:other', consumer: '991825827' },
  { expiresIn: 100_000 },
  { claims: { nbf: 4_000_000_000 } },
  { claims: { iat: 4_000_000_000, exp: 4_000_000_100 } },
  { issuer: 'https://evil.example/' },
  { issuer: 'https://maskinporten.no/', scope: 'nav:other' },
  { issuer: 'https://test.idporten.no' },
  { issuer: 'client', audience: 'https://test.maskinporten.no/' },
  { audience: 'https://a.no' },
  { audience: 'https://b.no', scope: 'nav:other' },
  { audience: 'unspecified' },
  { consumer: NOBODY },
  { consumer: '889640782', supplier: '810969342' },
  { consumer: '889640782', supplier: '991825827', delegationSource: 'https://www.altinn.no/' },
  { consumer: '889640782', delegationSource: 'https://www.altinn.no/' },
  { consumer: '889640782', authorizationDetails: [systemUser] },
  { consumer: '889640782', authorizationDetails: [consent(FUTURE)] },
  { consumer: '889640782', authorizationDetails: [consent(PAST), systemUser], pid: PID },
  { consumer: '889640782', authorizationDetails: [consent(FUTURE, { ...NAV, ID: '0192:991825827' })] },
  { consumer: '889640782', pid: PID },
  { consumer: '889640782', pid: OTHER_PID },
  {
    consumer: '889640782',
    supplier: '810969342',
    authorizationDetails: [systemUser, consent(FUTURE)],
    pid: PID,
  },
  { claims: { scope: [READ] } },
  { claims: { consumer: undefined } },
  { claims: { cnf: {} } },
  { authorizationDetails: [{ ...systemUser, system_id: 7 }] },
  { header: { kid: 'unknown' } },
  { header: { kid: undefined } },
  { header: { kid: undefined, x5c: ['x'] } },
  { header: { alg: 'HS256' } },
  { header: { crit: ['exp'] } },
  { header: { typ: 'dpop+jwt' } },
]

const REQUIREMENTS: readonly AccessRequirement<{ path: string }>[] = [
  READ,
  { scope: { allOf: [READ, { anyOf: ['nav:x.write', 'nav:x.admin'] }] } },
  { scope: READ, audience: 'https://a.no' },
  { scope: READ, consumers: ['889640782'] },
  { scope: READ, delegation: 'forbidden' },
  { scope: READ, delegation: 'required' },
  { scope: READ, delegation: { suppliers: ['810969342'], sources: ['https://tt02.altinn.no/'] } },
  { scope: READ, systemUser: 'required' },
  { scope: READ, consent: 'required' },
  { scope: READ, consent: { resources: ['a', 'b'] } },
  { scope: READ, pid: () => PID },
  { scope: READ, pid: () => undefined },
  { scope: READ, authorize: () => true },
  { scope: READ, authorize: async () => false },
  ({ path }) => `nav:${path}`,
  (_request) => ({ scope: READ, consumers: ['889640782'], pid: () => PID }),
  {
    scope: READ,
    consumers: ['889640782'],
    delegation: 'required',
    systemUser: 'required',
    consent: 'required',
    pid: () => PID,
    authorize: () => true,
  },
]

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

describe('an explanation and a decision', () => {
  const explained = (
    validator: MaskinportenValidator,
    token: string,
    requirement: AccessRequirement<{ path: string }>,
  ) => validator.explain(token, requirement, { request: { path: 'x.read' } })

  /** All of them, signed once. */
  let tokens: string[]
  beforeAll(async () => {
    const signed = await Promise.all(TOKENS.map((token) => mock.issueToken({ scope: READ, ...token })))
    const foreign = await Promise.all(
      TOKENS.slice(0, 16).map((token) => stranger.issueToken({ scope: READ, ...token })),
    )
    const [good = ''] = signed
    tokens = [
      ...signed,
      ...foreign,
      '',
      'x',
      'a.b',
      `Bearer ${good}`,
      `${good}=`,
      `${good.slice(0, -4)}AAAA`,
      `${good}${'A'.repeat(20_000)}`,
    ]
  })

  it.each([
    ['of a validator that checks no audience', {}],
    ['of a validator that checks one', { audience: 'https://a.no' }],
    ['of a validator with keys of its own', { keysGiven: true }],
  ])(
    '%s never disagree, for any token and requirement',
    async (_title, {
      keysGiven,
      ...options
    }: {
      keysGiven?: boolean
      audience?: string
    }) => {
      const validator = made(keysGiven ? { ...options, jwks: mock.jwks() } : options)
      await validator.ready()
      // The fetch that an unknown key buys is spent: until the next, both say the same of it.
      await decided(validator, tokens[TOKENS.length] ?? '', READ)
      await decided(validator, await mock.issueToken({ header: { kid: 'unknown' } }), READ)
      const seen = new Set<string>()
      for (const token of tokens) {
        for (const requirement of REQUIREMENTS) {
          const refusal = await decided(validator, token, requirement)
          const explanation = await explained(validator, token, requirement)
          const failures = explanation.checks.filter(({ outcome }) => outcome === 'failed')
          expect(failures.map(({ reason }) => reason)).toEqual(refusal ? [refusal.reason] : [])
          expect(explanation).toMatchObject(
            refusal
              ? { verdict: 'refused', reason: refusal.reason, code: refusal.code }
              : { verdict: 'allowed' },
          )
          seen.add(refusal?.reason ?? 'allowed')
        }
      }
      // The tokens above are worth something only if they meet most of the checks.
      expect(seen.size).toBeGreaterThan(options.audience ? 20 : 30)
    },
  )

  it('judge by the same functions, in the same order', () => {
    const source = readFileSync(new URL('../../src/validator.ts', import.meta.url), 'utf8')
    const story = /async function judge<[\s\S]*?\n {2}}\n/.exec(source)?.[0] ?? ''
    const called = [...story.matchAll(/\b(check[A-Z]\w*)\(/g)].map(([, name]) => name)
    const listed = [...TOKEN_CHECKS, ...ACCESS_CHECKS].map(({ check }) => check.name)
    expect(called).toEqual([...listed, 'checkOwnRule'])
  })
})

describe('an explanation', () => {
  const outcomes = async (
    validator: MaskinportenValidator,
    token: object,
    requirement: AccessRequirement,
  ) => {
    const { checks } = await validator.explain(await mock.issueToken({ scope: READ, ...token }), requirement)
    return Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]))
  }
  let validator: MaskinportenValidator
  beforeEach(async () => {
    validator = made()
    await validator.ready()
  })

  it('lists every check in the order of judging, and what it asks for', async () => {
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
    expect(checks.find(({ check }) => check === 'scope')?.asks).toBe(READ)
    expect(checks.find(({ check }) => check === 'pid')?.asks).toBe('nothing is asked for')
  })

  it('says what a failure means and what to do', async () => {
    const { checks } = await validator.explain(await mock.issueToken({ scope: 'nav:y' }), READ)
    expect(checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      check: 'scope',
      reason: 'insufficient_scope',
      meaning: expect.stringMatching(/scope/),
      remedy: expect.stringMatching(/granted/),
    })
  })

  it('goes on after the first failure with what can be told alone', async () => {
    const rule = { scope: READ, consumers: ['889640782'], delegation: 'forbidden' } as const
    const token = { expiresIn: -60, scope: 'nav:y', consumer: '991825827', supplier: '810969342' }
    expect(await outcomes(validator, token, rule)).toMatchObject({
      claims: 'passed',
      time: 'failed',
      issuer: 'not_reached',
      scope: 'also_failed',
      consumers: 'also_failed',
      delegation: 'also_failed',
    })
  })

  it('judges nothing of a token whose signature is not verified', async () => {
    const forged = await stranger.issueToken({ issuer: mock.issuer, scope: 'nav:y', expiresIn: 60 })
    await decided(validator, forged, READ)
    const explanation = await validator.explain(forged, READ)
    expect(explanation.checks.slice(1).map(({ outcome }) => outcome)).toEqual([
      'failed',
      ...Array(12).fill('not_reached'),
    ])
    expect(explanation).not.toHaveProperty('token')
  })

  it('runs the application’s functions only on tokens that have passed everything before them', async () => {
    const never = () => expect.unreachable('asked about a refused token')
    const token = { expiresIn: -60, pid: PID }
    expect(await outcomes(validator, token, never)).toMatchObject({ time: 'failed', scope: 'not_reached' })
    const rule = { scope: READ, pid: never, authorize: never }
    expect(await outcomes(validator, token, rule)).toMatchObject({
      pid: 'not_reached',
      authorize: 'not_reached',
    })
  })

  it('passes on what they throw, and makes an error of what is none', async () => {
    const token = await mock.issueToken({ scope: READ })
    const thrown = new Error('database')
    const rejecting = (reason: unknown) => ({ scope: READ, authorize: () => Promise.reject(reason) })
    await expect(validator.explain(token, rejecting(thrown))).rejects.toBe(thrown)
    await expect(validator.explain(token, rejecting(undefined))).rejects.toThrow(/no error/)
  })

  it('throws for a requirement that is none', async () => {
    await expect(validator.explain(await mock.issueToken(), 'no scope')).rejects.toThrow(TypeError)
  })

  it('fetches nothing, and says so where keys are missing', async () => {
    const fetch = () => expect.unreachable('fetched')
    const token = await mock.issueToken({ scope: READ })
    const explanation = await made({ fetch }).explain(token, READ)
    expect(explanation.verdict).toBe('undecided')
    expect(explanation.checks[1]).toMatchObject({
      check: 'key',
      outcome: 'undecided',
      meaning: expect.stringMatching(/asks nobody/),
      remedy: expect.stringMatching(/ready\(\)/),
    })
  })

  it('is undecided about a key for which a request would fetch, and tells no decision', async () => {
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

  it('says that an outage is ours, where a decision would', async () => {
    const down = made({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const token = await mock.issueToken({ scope: READ })
    expect((await decided(down, token, READ))?.reason).toBe('keys_unavailable')
    expect((await down.explain(token, READ)).reason).toBe('keys_unavailable')
  })

  it('shows scopes and organisations of a verified token, and never the token or a person’s number', async () => {
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

  it('is a text for people', async () => {
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

test('a check that is asked for says so', () => {
  const asked = ACCESS_CHECKS.map(({ asks }) =>
    asks(
      {
        scope: { allows: () => true, advertised: [], names: [], text: 'nav:a' },
        audience: ['https://a.no'],
        consumers: new Set(['1', '2']),
        delegation: { suppliers: new Set(['1']), sources: new Set(['https://x.no/']) },
        systemUser: true,
        consent: { resources: ['a', 'b'] },
        pid: () => undefined,
        authorize: undefined,
      },
      { request: undefined, now: 0, audience: undefined },
    ),
  )
  expect(asked).toEqual([
    '`aud` names https://a.no',
    'nav:a',
    'the consumer is on the list of 2, by its organisation number',
    'a supplier on the list of 1, delegated at https://x.no/',
    'a system user',
    'a consent to the consumer that has not ended, for a and b',
    'restricted to the person that the request is about',
  ])
})

it('says why a published key is not used, as the event does', async () => {
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
  expect(events[0]?.advice?.meaning).toMatch(/is published, but .* must not be used/)
  const explanation = await validator.explain(token, READ)
  expect(explanation).toMatchObject({ verdict: 'refused', reason: 'unusable_key' })
  expect(String(explanation)).toContain('Here its `alg` is not among `algorithms`.')
})

it.each([
  ['missing_claim', 'consumer', { consumer: undefined }],
  ['malformed_claims', 'scope', { scope: [READ] }],
  ['malformed_claims', 'authorization_details', { authorization_details: {} }],
])('names the claim, as the event does: %s, %s', async (reason, claim, changes) => {
  const events: DecisionEvent[] = []
  const validator = made({ onDecision: (event) => events.push(event) })
  const token = await mock.issueToken({ scope: READ, claims: changes })
  await validator.decide(`Bearer ${token}`, READ)
  expect(events).toEqual([expect.objectContaining({ reason, claim })])
  const explanation = await validator.explain(token, READ)
  expect(explanation.checks).toContainEqual(expect.objectContaining({ check: 'claims', reason, claim }))
  expect(String(explanation)).toContain(`Here it is \`${claim}\`.`)
})
