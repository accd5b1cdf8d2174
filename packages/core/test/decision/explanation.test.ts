import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import {
  createMaskinportenValidator,
  type MaskinportenValidator,
  validatorWith,
} from '../../src/validator.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'

const READ = 'nav:x.read'

const clock = createTestClock()
let mock: MockMaskinporten
let validator: MaskinportenValidator
beforeAll(async () => {
  mock = await createMockMaskinporten({ clock })
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
  await validator.ready()
})

const explained = async (token: object, requirement: AccessRequirement) =>
  validator.explain(await mock.issueToken({ scope: READ, ...token }), requirement)

/** What is said of a reason, as lines of the text. */
const hintLines = (reason: keyof typeof REASONS) => {
  const { cause, fix } = REASONS[reason].hint
  return [`      ${cause}`, `      → ${fix}`]
}

const READING_LINES = [
  '  ✓ spelling: a signed JWT in canonical form, with a header that contains no unsupported parameter',
  '  ✓ key: signed with a key that Maskinporten publishes',
  '  ✓ signature: the signature belongs to this header and these claims',
  '  ✓ claims: every claim is present and has Maskinporten’s form',
]
const TIME = 'time: `iat`, `nbf` and `exp` are valid (±10 s), at most 86400 s apart'
const NOTHING = 'nothing is required'
const NOTHING_REQUIRED = ['consumers', 'delegation', 'systemUser', 'consent', 'pid'].map(
  (name) => `${name}: ${NOTHING}`,
)

describe('the whole text', () => {
  it('the text for a token that passes', async () => {
    expect(String(await explained({}, READ)).split('\n')).toEqual([
      'allowed',
      ...READING_LINES,
      `  ✓ ${TIME}`,
      `  ✓ issuer: \`iss\` is ${mock.issuer}`,
      '  ✓ audience: nothing is required',
      `  ✓ scope: ${READ}`,
      ...NOTHING_REQUIRED.map((line) => `  ✓ ${line}`),
      '  ✓ authorize: nothing is required',
    ])
  })

  it('the text for a token that the application’s own rule refuses', async () => {
    const lines = String(await explained({}, { scope: READ, authorize: () => false })).split('\n')
    expect(lines[0]).toBe('refused: not_authorized')
    expect(lines.slice(-3)).toEqual([
      '  ✗ authorize: the application’s own rule',
      ...hintLines('not_authorized'),
    ])
  })

  it('the text for a token that is refused before a requirement is computed from the request', async () => {
    const lines = String(await explained({ expiresIn: -60 }, () => READ)).split('\n')
    const access = [
      'audience',
      'scope',
      'consumers',
      'delegation',
      'systemUser',
      'consent',
      'pid',
      'authorize',
    ]
    expect(lines).toEqual([
      'refused: expired',
      ...READING_LINES,
      `  ✗ ${TIME}`,
      ...hintLines('expired'),
      `  · issuer: \`iss\` is ${mock.issuer}`,
      ...access.map((name) => `  · ${name}: depends on the request`),
    ])
  })

  it('the text for a token with several failures', async () => {
    const rule = { scope: READ, authorize: () => true }
    const lines = String(await explained({ expiresIn: -60, scope: 'nav:y' }, rule)).split('\n')
    expect(lines).toContain(`  ✗ scope: ${READ} (too)`)
    expect(lines.filter((line) => line.includes('(too)'))).toHaveLength(1)
    expect(lines.at(-1)).toBe('  · authorize: the application’s own rule')
  })

  it('the text for a token that Texas must check', async () => {
    const texas = createTexasValidator({
      issuer: mock.issuer,
      jwks: mock.jwks(),
      introspectionEndpoint: 'http://127.0.0.1:3000/api/v1/introspect',
      clock,
    })
    const explanation = await texas.explain(await mock.issueToken({ scope: READ }), READ)
    expect(String(explanation).split('\n').slice(0, 9)).toEqual([
      'undecided',
      ...READING_LINES,
      '  ? introspection: Texas says that the token is active',
      '      The loaded keys do not decide this, and an explanation fetches nothing. A request with this token would.',
      '      → Await `ready()` and explain the token again. Only a decision asks Texas: see the event of `onDecision`.',
      expect.stringMatching(/^ {2}· time: /),
    ])
  })
})

it('an explanation shows supplier and delegation source of a delegated token only', async () => {
  const delegationSource = 'https://www.altinn.no/'
  const delegated = await explained({ supplier: '810969342', delegationSource }, READ)
  expect(delegated.token).toMatchObject({ supplier: { organisationNumber: '810969342' }, delegationSource })
  const { token } = await explained({}, READ)
  expect(token).not.toHaveProperty('supplier')
  expect(token).not.toHaveProperty('delegationSource')
})

it('an explanation does not run the application’s functions for a refused token', async () => {
  const rule = { scope: READ, pid: () => expect.unreachable('asked about a refused token') }
  const { checks } = await explained({ expiresIn: -60, pid: '01010199999' }, rule)
  expect(checks.find(({ check }) => check === 'pid')).toEqual({
    check: 'pid',
    outcome: 'not_reached',
    expected: 'restricted to the person that the request is about',
  })
})

it('an explanation rejects with what the application’s functions throw, as a decision does', async () => {
  const own = new Error('database')
  const pid = () => {
    throw own
  }
  await expect(explained({ pid: '01010199999' }, { scope: READ, pid })).rejects.toBe(own)
})

describe('the expectation of a check', () => {
  const required = async (name: string, own: MaskinportenValidator, rule: AccessRequirement) => {
    const { checks } = await own.explain('x', rule)
    return checks.find(({ check }) => check === name)?.expected
  }

  it('the expected token form follows the policy', async () => {
    const strict = createMaskinportenValidator({
      environment: 'prod',
      clockTolerance: 3,
      maxTokenLifetime: 120,
    })
    expect(await required('time', strict, READ)).toBe(
      '`iat`, `nbf` and `exp` are valid (±3 s), at most 120 s apart',
    )
    expect(await required('issuer', strict, READ)).toBe('`iss` is https://maskinporten.no/')
  })

  it('the expected issuer is the one of the metadata when not configured', async () => {
    const config = readConfig({ environment: 'prod' })
    const policy = { ...config, issuer: { ...config.issuer, issuer: () => undefined } }
    const unknown = validatorWith(policy, jwtVerifier(config))
    expect(await required('issuer', unknown, READ)).toBe('`iss` is the issuer that the metadata names')
  })

  it('the expected audience is that of the validator when the rule has none', async () => {
    const strict = createMaskinportenValidator({ environment: 'prod', audience: 'https://a.no' })
    expect(await required('audience', strict, READ)).toBe('`aud` names https://a.no')
    const rule = { scope: READ, audience: 'https://b.no' }
    expect(await required('audience', strict, rule)).toBe('`aud` names https://b.no')
  })

  test.each<[string, object, string]>([
    ['audience', { audience: ['https://a.no', 'https://b.no'] }, '`aud` names https://a.no or https://b.no'],
    ['audience', {}, NOTHING],
    ['scope', {}, READ],
    ['delegation', {}, NOTHING],
    ['delegation', { delegation: 'forbidden' }, 'forbidden'],
    ['delegation', { delegation: 'required' }, 'a supplier'],
    ['delegation', { delegation: { suppliers: ['810969342', '991825827'] } }, 'a supplier on the list of 2'],
    [
      'delegation',
      { delegation: { sources: ['https://a.no/', 'https://b.no/'] } },
      'a supplier, delegated at https://a.no/ or https://b.no/',
    ],
    [
      'delegation',
      { delegation: { suppliers: ['810969342'], sources: ['https://x.no/'] } },
      'a supplier on the list of 1, delegated at https://x.no/',
    ],
    ['consumers', {}, NOTHING],
    [
      'consumers',
      { consumers: ['889640782', '991825827'] },
      'the consumer is on the list of 2, by its organisation number',
    ],
    ['pid', {}, NOTHING],
    ['pid', { pid: () => undefined }, 'restricted to the person that the request is about'],
    ['systemUser', {}, NOTHING],
    ['systemUser', { systemUser: 'required' }, 'a system user'],
    ['consent', {}, NOTHING],
    ['consent', { consent: 'required' }, 'a consent to the consumer that has not ended'],
    [
      'consent',
      { consent: { resources: ['a', 'b'] } },
      'a consent to the consumer that has not ended, for a and b',
    ],
    ['authorize', {}, NOTHING],
    ['authorize', { authorize: () => true }, 'the application’s own rule'],
  ])('%s of %j', async (name, rule, text) => {
    expect(await required(name, validator, { scope: READ, ...rule })).toBe(text)
  })
})
