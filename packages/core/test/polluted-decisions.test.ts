import { expect, it, vi } from 'vitest'
import type { AccessRequirement } from '../src/requirements/requirement.js'
import { prepareRequirement } from '../src/requirements/requirement.js'
import { withPollutedPrototype } from './polluted-prototype.js'
import { bearer, forgedToken, lastEvent, mock, READ, useWorld, validator } from './validator-world.js'

useWorld()

const LISTED = '889640782'
const SEAL = { consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' } }
const suppliers = { suppliers: [LISTED], sources: ['https://tt02.altinn.no/'] }
const supplier = { organisationNumber: LISTED }

/** Decides under a polluted Object.prototype, as after a careless deep merge of JSON. */
async function decide(members: object, authorization: string, rule: AccessRequirement, before = 0) {
  const [own, prepared] = [validator({ jwks: mock.jwks() }), prepareRequirement(rule)]
  await own.ready()
  const decision = () => own.decide(authorization, prepared)
  for (let use = 0; use < before; use++) await decision()
  return withPollutedPrototype(members, decision, { writable: true })
}

it.each<[string, object, object, object, string]>([
  ['an organisation number', supplier, SEAL, { consumers: [LISTED] }, 'consumer_not_allowed'],
  ['a supplier', { supplier }, {}, { delegation: 'required' }, 'delegation_required'],
  [
    'a delegation source',
    { delegationSource: suppliers.sources[0] },
    { supplier: LISTED, claims: { delegation_source: undefined } },
    { delegation: suppliers },
    'delegation_source_not_allowed',
  ],
])('%s on Object.prototype does not satisfy a rule', async (_title, members, token, rule, reason) => {
  expect(await decide(members, await bearer(token), { scope: READ, ...rule })).toMatchObject({
    denial: { reason },
  })
})

it('a token and a function `hasScope` on Object.prototype do not replace a verification that is pending', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const now = Math.floor(Date.now() / 1000)
  const token = { issuer: mock.issuer, issuedAt: now, expiresAt: now + 99, consumer: supplier }
  const members = { token, hasScope: () => true, notBefore: undefined }
  const [header, payload, signature] = (await forgedToken()).split('.')
  const unknown = Buffer.from('{"alg":"RS256","kid":"unknown"}').toString('base64url')
  for (const [parts, reason] of [
    [[header, payload, signature], 'bad_signature'],
    [[unknown, payload, signature], 'unknown_key'],
  ] as const)
    expect(await decide(members, `Bearer ${parts.join('.')}`, READ)).toMatchObject({ denial: { reason } })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

it.each([0, 1, 2])(
  'members of Object.prototype do not replace the content of a token used %i times',
  async (uses) => {
    const authorization = await bearer()
    for (const member of ['claims', 'content', 'status', 'problem', 'noDisposeOnSet', 'ttl']) {
      for (const value of ['x', {}, { keyId: 'x', claims: { token: {} } }])
        expect(await decide({ [member]: value }, authorization, READ, uses)).toMatchObject({ allowed: true })
    }
  },
)

it('members of Object.prototype change neither a refusal nor its event', async () => {
  const forged = `Bearer ${await forgedToken()}`
  const denied = await decide({}, forged, READ)
  const { duration: _clean, ...event } = lastEvent()
  const details = { requiredScopes: 7, retryAfter: 9, claim: 'x', keyProblem: 'not_rsa', cause: 'x' }
  const trace = { token: { scopes: ['x'] }, step: 'claims', keyId: 'x', audienceUnchecked: true }
  expect(await decide({ ...details, ...trace }, forged, READ)).toEqual(denied)
  const { duration: _polluted, ...other } = lastEvent()
  expect(other).toEqual(event)
})
