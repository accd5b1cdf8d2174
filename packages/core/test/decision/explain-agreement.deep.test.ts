import { beforeAll, expect, it } from 'vitest'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { refusalOf } from '../refusal.js'
import { SYSTEM_USER } from '../sample-tokens.js'
import {
  consent,
  mock,
  NAV,
  OTHER_PID,
  PID,
  READ,
  readToken,
  stranger,
  useWorld,
  validator,
} from '../validator-world.js'

useWorld()

const request = { path: 'x.read' }
const FOREIGN_SEAL = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' }
const PAST = '2001-01-01T00:00:00Z'
const ALTINN = 'https://www.altinn.no/'

/** Tokens that fail different checks: some fail one check, others several. The first token fails none. */
const TOKENS: readonly object[] = [
  {},
  { scope: `${READ} nav:x.write`, consumer: '889640782' },
  { scope: 'nav:other' },
  { scope: 'x.read' },
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
  { consumer: FOREIGN_SEAL },
  { consumer: '889640782', supplier: '810969342' },
  { consumer: '889640782', supplier: '991825827', delegationSource: ALTINN },
  { consumer: '889640782', delegationSource: ALTINN },
  { consumer: '889640782', authorizationDetails: [consent(PAST), SYSTEM_USER], pid: PID },
  { consumer: '889640782', authorizationDetails: [consent(undefined, { ...NAV, ID: '0192:991825827' })] },
  { consumer: '889640782', pid: OTHER_PID },
  { consumer: '889640782', supplier: '810969342', authorizationDetails: [SYSTEM_USER, consent()], pid: PID },
  { claims: { scope: [READ] } },
  { claims: { consumer: undefined } },
  { claims: { cnf: {} } },
  { authorizationDetails: [{ ...SYSTEM_USER, system_id: 7 }] },
  { header: { kid: 'unknown' } },
  { header: { kid: undefined } },
  { header: { kid: undefined, x5c: ['x'] } },
  { header: { alg: 'HS256' } },
  { header: { crit: ['exp'] } },
  { header: { typ: 'dpop+jwt' } },
]

const REQUIREMENTS: readonly AccessRequirement<typeof request>[] = [
  READ,
  { scope: { allOf: [READ, { anyOf: ['nav:x.write', 'nav:x.admin'] }] } },
  { scope: READ, audience: 'https://a.no' },
  { scope: READ, consumers: ['889640782'] },
  { scope: READ, delegation: 'forbidden' },
  { scope: READ, delegation: 'required' },
  { scope: READ, delegation: { suppliers: ['810969342'], sources: ['https://tt02.altinn.no/'] } },
  { scope: READ, systemUser: 'required' },
  { scope: READ, consent: 'required' },
  { scope: READ, consent: { resources: ['enkelt-samtykke', 'b'] } },
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

let tokens: string[]
beforeAll(async () => {
  const signed = await Promise.all(TOKENS.map(readToken))
  const foreign = await Promise.all(
    TOKENS.slice(0, 16).map((token) => stranger.issueToken({ scope: READ, ...token })),
  )
  const [good = ''] = signed
  const malformed = ['', 'x', 'a.b', `Bearer ${good}`, `${good}=`, `${good.slice(0, -4)}AAAA`]
  tokens = [...signed, ...foreign, ...malformed, `${good}${'A'.repeat(20_000)}`]
})

it.each<[string, () => object, number]>([
  ['without an audience', () => ({}), 30],
  ['with an audience', () => ({ audience: 'https://a.no' }), 20],
  ['with the application’s own keys', () => ({ jwks: mock.jwks() }), 30],
])(
  'the explanation by a validator %s agrees with its decision for every token and requirement',
  async (_title, options, least) => {
    const shared = validator(options())
    await shared.ready()
    const decided = (token: string, requirement: AccessRequirement<typeof request>) =>
      refusalOf(shared.verify(token, requirement, { request }))
    // Uses up the fetch for an unknown key. From then on, decisions and explanations must both refuse an
    // unknown key with `unknown_key`.
    await decided(tokens[TOKENS.length] ?? '', READ)
    await decided(await readToken({ header: { kid: 'unknown' } }), READ)
    const seen = new Set<string>()
    for (const token of tokens) {
      for (const requirement of REQUIREMENTS) {
        const refusal = await decided(token, requirement)
        const explanation = await shared.explain(token, requirement, { request })
        const failures = explanation.checks.filter(({ decisive }) => decisive)
        expect(failures.map(({ reason }) => reason)).toEqual(refusal ? [refusal.reason] : [])
        const { reason, code } = refusal ?? {}
        expect(explanation).toMatchObject(
          refusal ? { verdict: 'refused', reason, code } : { verdict: 'allowed' },
        )
        seen.add(reason ?? 'allowed')
      }
    }
    // Checks that the tokens cause enough different reasons.
    expect(seen.size).toBeGreaterThan(least)
  },
)
