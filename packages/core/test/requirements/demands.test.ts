import { expect, it } from 'vitest'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import type { AccessContext } from '../../src/requirements/prepared-demand.js'
import { CONSUMER, ESEAL, organisation, outcome } from './sample-claims.js'

const PID = '01010199999'
const SOURCE = 'https://tt02.altinn.no/'
const supplier = organisation('810969342')
const TOKENS = {
  'the consumer’s own token': {},
  'another consumer': { consumer: organisation('991825827') },
  'a consumer without a Norwegian number': { consumer: ESEAL },
  'a system user': { systemUsers: [{ customer: CONSUMER, ids: ['x'], systemId: 's' }] },
  'an audience': { audience: ['https://other.no'] },
  'a person’s number': { pid: PID },
  'a delegated token': { supplier, delegationSource: SOURCE },
  'another supplier': { supplier: organisation('991825827'), delegationSource: SOURCE },
  'a supplier without a Norwegian number': { supplier: ESEAL, delegationSource: SOURCE },
  'a source without its slash': { supplier, delegationSource: 'https://tt02.altinn.no' },
  'a supplier without a source': { supplier },
  'a source without a supplier': { delegationSource: SOURCE },
} as const satisfies Record<string, Partial<VerifiedToken>>
type Row = [rule: object, token: keyof typeof TOKENS, outcome: string]
const tokens = Object.keys(TOKENS) as (keyof typeof TOKENS)[]
const consumers = ['889640782']
const suppliers = ['810969342']
const sources = [SOURCE]

it.each<Row>([
  ...tokens.map((name): Row => [{}, name, 'allowed']),
  [{ consumers }, 'the consumer’s own token', 'allowed'],
  [{ consumers }, 'another consumer', 'consumer_not_allowed'],
  [{ consumers }, 'a consumer without a Norwegian number', 'consumer_not_allowed'],
  [{ systemUser: 'required' }, 'a system user', 'allowed'],
  [{ systemUser: 'required' }, 'the consumer’s own token', 'system_user_required'],
  [{ delegation: 'allowed' }, 'a delegated token', 'allowed'],
  [{ delegation: 'allowed' }, 'the consumer’s own token', 'allowed'],
  [{ delegation: 'forbidden' }, 'the consumer’s own token', 'allowed'],
  [{ delegation: 'forbidden' }, 'a delegated token', 'delegation_not_allowed'],
  [{ delegation: 'forbidden' }, 'a source without a supplier', 'delegation_not_allowed'],
  [{ delegation: 'forbidden' }, 'a supplier without a source', 'delegation_not_allowed'],
  [{ delegation: 'required' }, 'a delegated token', 'allowed'],
  [{ delegation: 'required' }, 'the consumer’s own token', 'delegation_required'],
  [{ delegation: 'required' }, 'a source without a supplier', 'delegation_required'],
  [{ delegation: { suppliers } }, 'a delegated token', 'allowed'],
  [{ delegation: { suppliers } }, 'another supplier', 'supplier_not_allowed'],
  [{ delegation: { suppliers } }, 'a supplier without a Norwegian number', 'supplier_not_allowed'],
  [{ delegation: { suppliers: ['889640782'] } }, 'a delegated token', 'supplier_not_allowed'],
  [{ delegation: { sources } }, 'another supplier', 'allowed'],
  [{ delegation: { sources } }, 'a source without its slash', 'delegation_source_not_allowed'],
  [{ delegation: { sources } }, 'a supplier without a source', 'delegation_source_not_allowed'],
  [{ delegation: { suppliers, sources } }, 'a delegated token', 'allowed'],
])('a rule with %j, given %s, results in: %s', async (rule, name, expected) => {
  expect(await outcome(rule, TOKENS[name])).toBe(expected)
})

it('a token must name an audience of its rule exactly, or of the validator if the rule has no audience', async () => {
  const audience = ['https://a.no', 'https://b.no']
  for (const [rule, context] of [
    [{ audience }, {}],
    [{}, { audience }],
    [{ audience }, { audience: ['https://c.no'] }],
  ] as const) {
    expect(await outcome(rule, { audience: ['https://x.no', 'https://b.no'] }, context)).toBe('allowed')
    for (const other of [[], ['https://a.no/'], ['https://A.no'], ['https://c.no']])
      expect(await outcome(rule, { audience: other }, context)).toBe('wrong_audience')
  }
})

const audience = ['https://a.no']
it.each<[string, string[], object, Partial<AccessContext>, boolean | undefined]>([
  ['reported as unchecked when neither the rule nor the validator has an audience', audience, {}, {}, true],
  ['not reported as unchecked when the token has no audience', [], {}, {}, false],
  ['not reported as unchecked when the rule has an audience', audience, { audience }, {}, undefined],
  ['not reported as unchecked when the validator has an audience', audience, {}, { audience }, undefined],
])('the audience of a token is %s', async (_title, inToken, rule, context, expected) => {
  const trace: AccessContext['trace'] = {}
  await outcome(rule, { audience: inToken }, { ...context, trace })
  expect(trace.audienceUnchecked).toBe(expected)
})

const pidOutcome = (token: Partial<VerifiedToken>, subject: unknown) =>
  outcome<string>({ pid: (request) => (request === 'the request' ? (subject as string) : 'wrong') }, token, {
    request: 'the request',
  })

it('a request must be about the person that the token is restricted to', async () => {
  expect(await pidOutcome({ pid: PID }, PID)).toBe('allowed')
  for (const other of ['01010199998', '', ` ${PID}`, undefined])
    expect(await pidOutcome({ pid: PID }, other)).toBe('pid_mismatch')
})

it('a token without a `pid` is refused, even if the `pid` function returns undefined', async () => {
  for (const subject of [PID, undefined]) expect(await pidOutcome({}, subject)).toBe('pid_required')
})

it.each([() => 1010199999, () => null, () => Promise.reject(new Error())])(
  'a `pid` function that returns another type, as %s does, causes a TypeError, not a refusal',
  async (mistaken) => {
    const message = 'The `pid` function of a requirement must return a string or undefined'
    await expect(pidOutcome({ pid: PID }, mistaken())).rejects.toThrow(new TypeError(message))
  },
)

const authorized = (result: unknown) => outcome({ authorize: () => result as boolean }, {})

it('`authorize` allows a request with true or a promise of true', async () => {
  for (const result of [true, Promise.resolve(true)]) expect(await authorized(result)).toBe('allowed')
})

it.each([undefined, 1, Promise.resolve('yes')])('`authorize` refuses a request with %j', async (result) => {
  expect(await authorized(result)).toBe('not_authorized')
})

it.each(['pid', 'authorize'])('an error that `%s` throws is passed on unchanged', async (name) => {
  const own = new Error('database')
  const throwing = () => {
    throw own
  }
  await expect(outcome({ [name]: throwing }, { pid: PID })).rejects.toBe(own)
})
