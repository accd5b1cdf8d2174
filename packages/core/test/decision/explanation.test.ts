import { beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { type MaskinportenValidator, validatorWith } from '../../src/validator.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
import { mock, READ, readToken, texasValidator, useWorld, validator } from '../validator-world.js'

useWorld()

let shared: MaskinportenValidator
beforeAll(async () => {
  shared = validator()
  await shared.ready()
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
  ['consent', { consent: { resources: ['a', 'b'] } }, `${CONSENT}, for a and b`],
  ['authorize', { authorize: () => true }, 'the application’s own rule'],
])('the check `%s` of an explanation for a rule with %j expects: %s', async (name, rule, text) => {
  expect(await expected(name, shared, rule)).toBe(text)
})
