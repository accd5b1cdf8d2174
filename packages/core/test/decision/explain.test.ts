import { beforeEach, expect, it } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { type MaskinportenValidator, validatorWith } from '../../src/validator.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
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
  texasValidator,
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
  const token = { expiresIn: -60, scope: 'nav:y', supplier: '810969342' }
  const seen = await outcomes(token, { scope: READ, delegation: 'forbidden' })
  expect(seen).toMatchObject({ claims: 'passed', time: 'failed, decisive', issuer: 'not_reached' })
  expect(seen).toMatchObject({ scope: 'failed', delegation: 'failed' })
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
  const rejecting = (reason: unknown) => ({ scope: READ, authorize: () => Promise.reject(reason) })
  const thrown = new Error('database')
  const token = await readToken()
  await expect(shared.explain(token, rejecting(thrown))).rejects.toBe(thrown)
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
  expect(events).toMatchObject([expected])
  const explanation = await own.explain(token, READ)
  expect(explanation).toMatchObject({ verdict: 'refused', reason: 'unusable_key' })
  expect(String(explanation)).toContain('Here its `alg` is not among `algorithms`.')
})

it('if only the issuer’s final slash is wrong, event and explanation have a hint about that slash', async () => {
  const own = validator({ issuer: stranger.issuer.slice(0, -1), jwks: stranger.jwks() })
  const token = await stranger.issueToken({ scope: READ })
  await own.decide(`Bearer ${token}`, READ)
  expect(events[0]?.hint?.cause).toMatch(/differ only in the slash/)
  expect(String(await own.explain(token, READ))).toMatch(/differ only in the slash/)
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

const linesFor = async (token: object, requirement: AccessRequirement) =>
  String(await shared.explain(await readToken(token), requirement)).split('\n')

const READING_LINES = [
  '  ✓ form: a signed JWT in canonical form, with a header that contains no unsupported parameter',
  '  ✓ key: signed with a key that Maskinporten publishes',
  '  ✓ signature: the signature matches the header and the claims',
  '  ✓ claims: every required claim is present, and every claim has the form that Maskinporten uses',
]
const TIME = 'time: `iat`, `nbf` and `exp` are valid (±10 s), at most 86400 s apart'
const LATER_DEMANDS = ['consumers', 'delegation', 'systemUser', 'consent', 'pid', 'authorize']

it('the text of an explanation for an allowed token lists every check', async () => {
  expect(await linesFor({}, READ)).toEqual([
    'allowed',
    ...READING_LINES,
    `  ✓ ${TIME}`,
    `  ✓ issuer: \`iss\` is ${mock.issuer}`,
    '  ✓ audience: nothing is required',
    `  ✓ scope: ${READ}`,
    ...LATER_DEMANDS.map((name) => `  ✓ ${name}: nothing is required`),
  ])
})

it('the text of an explanation for a refused token says which checks depend on the request', async () => {
  const { hint } = REASONS.expired
  expect(await linesFor({ expiresIn: -60 }, () => READ)).toEqual([
    'refused: expired',
    ...READING_LINES,
    `  ✗ ${TIME}`,
    `      ${hint.cause}`,
    `      → ${hint.fix}`,
    `  · issuer: \`iss\` is ${mock.issuer}`,
    ...['audience', 'scope', ...LATER_DEMANDS].map((name) => `  · ${name}: depends on the request`),
  ])
})

it('the text of an explanation with several failures marks every failure that is not decisive', async () => {
  const scope = { allOf: [READ, { anyOf: ['nav:b', 'nav:c'] }] }
  const lines = await linesFor({ expiresIn: -60, scope: 'nav:y' }, { scope, authorize: () => true })
  expect(lines[0]).toBe('refused: expired')
  expect(lines).toContain('  ✗ scope: nav:x.read and (nav:b or nav:c) (also failed)')
  expect(lines.filter((line) => line.includes('(also failed)'))).toHaveLength(1)
  expect(lines.at(-1)).toBe('  · authorize: the application’s own rule')
})

it('if Texas must also check the token, the explanation says that `explain` does not call Texas', async () => {
  const explanation = await texasValidator().explain(await readToken(), READ)
  expect(String(explanation).split('\n').slice(0, 9)).toEqual([
    'undecided',
    ...READING_LINES,
    '  ? introspection: Texas says that the token is active',
    '      This check needs a fetch or Texas, and `explain` uses neither. A request with this token would.',
    '      → Await `ready()` and call `explain` again. Only requests reach Texas: see the event of `onDecision`.',
    expect.stringMatching(/^ {2}· time: /),
  ])
})

/** Returns what this check expects of a token. */
const expected = async (name: string, own: MaskinportenValidator, rule: object) => {
  const { checks } = await own.explain('x', { scope: READ, ...rule })
  return checks.find(({ check }) => check === name)?.expected
}

it.each<[string, object, string]>([
  ['time', {}, '`iat`, `nbf` and `exp` are valid (±3 s), at most 120 s apart'],
  ['issuer', {}, '`iss` is https://maskinporten.no/'],
  ['audience', {}, '`aud` names https://a.no'],
  ['audience', { audience: 'https://b.no' }, '`aud` names https://b.no'],
])(
  'the check `%s` of an explanation, for a rule with %j, expects what the options say: %s',
  async (name, rule, text) => {
    const times = { clockTolerance: 3, maxTokenLifetime: 120 }
    const strict = validator({ environment: 'prod', audience: 'https://a.no', ...times })
    expect(await expected(name, strict, rule)).toBe(text)
  },
)

it('an explanation expects the issuer in metadata when no issuer is configured', async () => {
  const config = readConfig({ environment: 'prod' })
  const policy = { ...config, issuer: { ...config.issuer, issuer: () => undefined } }
  const unknown = validatorWith(policy, jwtVerifier(config))
  expect(await expected('issuer', unknown, {})).toBe('`iss` is the issuer that the metadata names')
})

const suppliers = ['810969342', '991825827']
const sources = ['https://a.no/', 'https://b.no/']
const CONSENT = 'a consent to the consumer that has not ended'
it.each<[string, object, string]>([
  ['audience', { audience: ['https://a.no', 'https://b.no'] }, '`aud` names https://a.no or https://b.no'],
  ['delegation', { delegation: 'forbidden' }, 'forbidden'],
  ['delegation', { delegation: 'required' }, 'a supplier'],
  ['delegation', { delegation: { suppliers } }, 'a supplier from a list of 2'],
  ['delegation', { delegation: { sources } }, 'a supplier, delegated at https://a.no/ or https://b.no/'],
  ['consumers', { consumers: suppliers }, 'a consumer from a list of 2 organisation numbers'],
  ['pid', { pid: () => undefined }, 'restricted to the person that the request is about'],
  ['systemUser', { systemUser: 'required' }, 'a system user'],
  ['consent', { consent: 'required' }, CONSENT],
  ['consent', { consent: { resources: ['ske-inntekt', 'b'] } }, `${CONSENT}, for ske-inntekt and b`],
  ['authorize', { authorize: () => true }, 'the application’s own rule'],
])('the check `%s` of an explanation for a rule with %j expects: %s', async (name, rule, text) => {
  expect(await expected(name, shared, rule)).toBe(text)
})
