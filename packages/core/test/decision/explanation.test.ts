import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { adviceFor } from '../../src/errors/advice.js'
import { ACCESS_CHECKS, TOKEN_CHECKS } from '../../src/requirements/checks.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'

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
const adviceLines = (reason: Parameters<typeof adviceFor>[0]) => {
  const { meaning, remedy } = adviceFor(reason)
  return [`      ${meaning}`, `      → ${remedy}`]
}

const READING_LINES = [
  '  ✓ spelling: a signed JWT in its one canonical spelling, with a header that is understood completely',
  '  ✓ key: signed with a key that Maskinporten publishes',
  '  ✓ signature: the signature belongs to this header and these claims',
  '  ✓ claims: every claim is there and has Maskinporten’s form',
]
const TIME = 'time: issued, begun and not ended, give or take 10 s; a life of 86400 s at most'
const NOTHING_ASKED = ['consumers', 'delegation', 'systemUser', 'consent', 'pid'].map(
  (name) => `${name}: nothing is asked for`,
)

describe('the whole text', () => {
  it('of a token that passes', async () => {
    expect(String(await explained({}, READ)).split('\n')).toEqual([
      'allowed',
      ...READING_LINES,
      `  ✓ ${TIME}`,
      `  ✓ issuer: \`iss\` is ${mock.issuer}`,
      '  ✓ audience: nothing is asked for',
      `  ✓ scope: ${READ}`,
      ...NOTHING_ASKED.map((line) => `  ✓ ${line}`),
      '  ✓ authorize: nothing is asked for',
    ])
  })

  it('of a token that the application’s own rule refuses', async () => {
    const lines = String(await explained({}, { scope: READ, authorize: () => false })).split('\n')
    expect(lines[0]).toBe('refused: not_authorized')
    expect(lines.slice(-3)).toEqual([
      '  ✗ authorize: the application’s own rule',
      ...adviceLines('not_authorized'),
    ])
  })

  it('of a token that is refused before a requirement is computed from the request', async () => {
    const lines = String(await explained({ expiresIn: -60 }, () => READ)).split('\n')
    const access = ['audience', 'scope', 'consumers', 'delegation', 'systemUser', 'consent', 'pid']
    expect(lines).toEqual([
      'refused: expired',
      ...READING_LINES,
      `  ✗ ${TIME}`,
      ...adviceLines('expired'),
      `  · issuer: \`iss\` is ${mock.issuer}`,
      ...access.map((name) => `  · ${name}: it depends on the request`),
      '  · authorize: the application’s own rule',
    ])
  })

  it('of a token that would be refused for several reasons', async () => {
    const rule = { scope: READ, authorize: () => true }
    const lines = String(await explained({ expiresIn: -60, scope: 'nav:y' }, rule)).split('\n')
    expect(lines).toContain(`  ✗ scope: ${READ} (too)`)
    expect(lines.filter((line) => line.includes('(too)'))).toHaveLength(1)
    expect(lines.at(-1)).toBe('  · authorize: the application’s own rule')
  })

  it('of a token that Texas is to be asked about', async () => {
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
      '      This cannot be told by what is loaded, and an explanation asks nobody; a request with this token would.',
      '      → Await `ready()` and explain it again. Texas is only asked by a decision: see the event of `onDecision`.',
      expect.stringMatching(/^ {2}· time: /),
    ])
  })
})

it('shows by whom and where a delegated token was delegated, and nothing of the kind of another', async () => {
  const delegationSource = 'https://www.altinn.no/'
  const delegated = await explained({ supplier: '810969342', delegationSource }, READ)
  expect(delegated.token).toMatchObject({ supplier: { organisationNumber: '810969342' }, delegationSource })
  const { token } = await explained({}, READ)
  expect(token).not.toHaveProperty('supplier')
  expect(token).not.toHaveProperty('delegationSource')
})

it('asks the application about nobody whose token is refused already', async () => {
  const rule = { scope: READ, pid: () => expect.unreachable('asked about a refused token') }
  const { checks } = await explained({ expiresIn: -60, pid: '01010199999' }, rule)
  expect(checks.find(({ check }) => check === 'pid')).toEqual({
    check: 'pid',
    outcome: 'not_reached',
    asks: 'restricted to the person that the request is about',
  })
})

it('passes on what the application’s functions throw, as a decision does', async () => {
  const own = new Error('database')
  const pid = () => {
    throw own
  }
  await expect(explained({ pid: '01010199999' }, { scope: READ, pid })).rejects.toBe(own)
})

describe('what a check asks for', () => {
  const policy = (options: object) => readConfig(options)
  const call = { request: undefined, now: 0, audience: undefined }
  const asked = (name: string, rule: AccessRequirement) => {
    const { rule: prepared } = prepareRequirement(rule)
    if (!prepared) return expect.unreachable('it was computed from the request')
    return ACCESS_CHECKS.find((check) => check.name === name)?.asks(prepared, call)
  }

  it('of the token itself, is what the policy says', () => {
    const strict = policy({ environment: 'prod', clockTolerance: 3, maxTokenLifetime: 120 })
    expect(TOKEN_CHECKS.map(({ asks }) => asks(strict))).toEqual([
      'issued, begun and not ended, give or take 3 s; a life of 120 s at most',
      '`iss` is https://maskinporten.no/',
    ])
  })

  it('of the issuer, is what the metadata will name where nothing else does', () => {
    const config = policy({ environment: 'prod' })
    const unknown = { ...config, issuer: { ...config.issuer, issuer: () => undefined } }
    expect(TOKEN_CHECKS.map(({ asks }) => asks(unknown))).toContain(
      '`iss` is the issuer that the metadata names',
    )
  })

  test.each<[string, object, string | undefined]>([
    ['audience', { audience: ['https://a.no', 'https://b.no'] }, '`aud` names https://a.no or https://b.no'],
    ['audience', {}, undefined],
    ['delegation', {}, undefined],
    ['delegation', { delegation: 'forbidden' }, 'forbidden'],
    ['delegation', { delegation: 'required' }, 'a supplier'],
    ['delegation', { delegation: { suppliers: ['810969342', '991825827'] } }, 'a supplier on the list of 2'],
    [
      'delegation',
      { delegation: { sources: ['https://a.no/', 'https://b.no/'] } },
      'a supplier, delegated at https://a.no/ or https://b.no/',
    ],
    ['consumers', {}, undefined],
    [
      'consumers',
      { consumers: ['889640782', '991825827'] },
      'the consumer is on the list of 2, by its organisation number',
    ],
    ['pid', {}, undefined],
    ['pid', { pid: () => undefined }, 'restricted to the person that the request is about'],
    ['systemUser', {}, undefined],
    ['systemUser', { systemUser: 'required' }, 'a system user'],
    ['consent', {}, undefined],
    ['consent', { consent: 'required' }, 'a consent to the consumer that has not ended'],
    [
      'consent',
      { consent: { resources: ['a', 'b'] } },
      'a consent to the consumer that has not ended, for a and b',
    ],
  ])('%s of %j', (name, rule, text) => {
    expect(asked(name, { scope: READ, ...rule })).toBe(text)
  })
})
