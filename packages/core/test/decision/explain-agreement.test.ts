import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, describe, expect, it } from 'vitest'
import type { MaskinportenValidatorOptions } from '../../src/config/validator-options.js'
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
          const failures = explanation.checks.filter(({ decisive }) => decisive)
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
})
