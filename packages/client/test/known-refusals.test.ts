import { expect, it, test } from 'vitest'
import { hintFor, KNOWN_REFUSALS, refusalDescribedBy } from '../src/known-refusals.js'

const NOT_GRANTED = 'has not been granted access to the scope nav:x'
const NOT_DELEGATED = 'has not delegated access to the scope nav:x'
const NO_KID = 'The client requires pre-registered jwk and no key identifier (kid) provided'
const NO_TEXAS = "identity provider 'maskinporten' is not enabled"

/** The sentences of Digdir's page and of Texas. */
const SENTENCES: [sentence: string, code: string | undefined, hint: RegExp][] = [
  ['Invalid assertion. Invalid parameter value', 'MP-011', /a parameter of the token request/],
  ['Grant is used before', 'MP-012', /used before/],
  ['Client not found', 'MP-100', /does not know the client/],
  ['Invalid JWT claim aud', 'MP-110', /MASKINPORTEN_ISSUER/],
  ['The JWT is signed with an invalid certificate', 'MP-120', /certificate is not valid/],
  ['Expired key', 'MP-121', /registered key has expired/],
  ['Invalid JWT. Invalid organization number for client. More', 'MP-122', /different organisations/],
  ['Invalid JWT header x5c', 'MP-123', /`certificateChain` as PEM/],
  ['Invalid JWT signature', 'MP-124', /signature does not verify/],
  ['JWT is expired', 'MP-130', /check the clock/],
  ['Token request contains invalid scopes for client', 'MP-200', /not registered on this client/],
  ['Token request contains scopes not allowed for maskinporten', 'MP-201', /integration types/],
  [`Consumer ${NOT_GRANTED}`, 'MP-250', /has not granted your organisation \(with consumerOrg, that org/],
  [`Consumer 0192:910076787 ${NOT_DELEGATED}`, 'MP-251', /has not delegated this scope/],
  ['Unknown authorization details type', 'MP-301', /does not know this type/],
  ['Unknown fields in the authorization details', 'MP-302', /has a member/],
  ['Invalid authorization details values', 'MP-303', /authorization_details has a value/],
  ['Unknown key identifier (kid) for client.', undefined, /no key is registered on this client under the/],
  [NO_KID, undefined, /authenticates with a registered key/],
  ['Issue time is after now', undefined, /this machine.s clock is ahead/],
  [
    'The combination consumer_org in claim and delegation scope on client is invalid',
    undefined,
    /leave `cons/,
  ],
  [NO_TEXAS, undefined, /set up for Maskinporten: .*enabled: true/],
  ['Upstream request failed: error sending request for url (http://x/token)', undefined, /cannot reach/],
  ['Failed to parse JSON: error decoding response body', undefined, /not a token response/],
]

test.each(SENTENCES)('the description “%s” determines the code %s and a hint', (sentence, code, hint) => {
  for (const description of [
    sentence,
    `Invalid assertion. Client authentication failed. ${sentence}: more`,
  ]) {
    const described = refusalDescribedBy(description)
    expect(described?.code).toBe(code)
    expect(`${described?.hint.cause}: ${described?.hint.fix}`).toMatch(hint)
  }
})

it.each(KNOWN_REFUSALS.map(({ sentence, hint }) => [String(sentence), hint] as const))(
  'the hint for “%s” has a cause and a fix',
  (_sentence, { cause, fix }) => {
    for (const text of [cause, fix]) expect(text).toMatch(/^[^\s.].+ .+[^\s.]$/)
  },
)

it.each([
  [`Consumer 0192:889640782 ${NOT_GRANTED}`, 'MP-250'],
  [`The consumer ${NOT_GRANTED}`, undefined],
  [`Consumer ${NOT_DELEGATED}`, 'MP-251'],
  [`The consumer ${NOT_DELEGATED}`, undefined],
  ['Invalid JWT.  Expired key', 'MP-121'],
  ['Expired keystore', undefined],
  ['Client authentication failed', 'MP-100'],
  ['Invalid assertion.Client authentication failed. . ', 'MP-100'],
  ['The client authentication failed', undefined],
  ['Client authentication failed: x', undefined],
  ['JWT is Invalid assertion. expired', undefined],
  ['Invalid assertion.', undefined],
])('for the description “%s”, refusalDescribedBy finds the code %s', (description, code) => {
  expect(refusalDescribedBy(description)?.code).toBe(code)
})

it('for a known sentence without a code, refusalDescribedBy returns no member `code`', () => {
  expect(refusalDescribedBy('Issue time is after now')).not.toHaveProperty('code')
})

it('exactly the codes that Digdir documents have a hint, and each has a hint of its own', () => {
  const codes = SENTENCES.flatMap(([, code]) => code ?? [])
  expect(KNOWN_REFUSALS.flatMap(({ code }) => code ?? [])).toEqual(codes)
  expect(new Set([undefined, ...codes].map((code) => JSON.stringify(hintFor(code)))).size).toBe(18)
})

it.each([undefined, 'MP-999'])('the code %s gets the general hint', (code) => {
  const cause = 'Maskinporten rejected the token request'
  expect(hintFor(code)).toEqual({ cause, fix: 'check client, key, scope and environment' })
})
