/** Answers of the real token endpoint, as published, with placeholder identifiers. */

/** A trace id that ends in eleven decimal digits, as many as a national identity number has. */
export const TRACE_ID = '0af7651916cd43dd8448e12112345678'
export const CORRELATION_ID = '5b1e0c7a-3f52-4d2e-9a55-0c6de1f2a7b4'
export const REFUSED = 'Invalid assertion. Client authentication failed.'

const INVALID_JWT = `${REFUSED} Invalid JWT.`
const UNKNOWN_KID = `${REFUSED} Unknown key identifier (kid) for client.`
const INVALID_SCOPE = 'Token request contains invalid scopes for client, nav:helse/sykepenger/afp.read'
const NOT_DELEGATED =
  'Consumer 910076787 has not delegated access to the scope nav:x.read to supplier 991825827.'
const NOT_GRANTED = 'Consumer has not been granted access to the scope nav:helse/sykepenger/afp.read.'

type Observed = [
  status: number,
  error: string,
  /** The description without its trace id. */
  description: string,
  /** The code that the client must report; undefined for a refusal without a code. */
  code: string | undefined,
  /** The words that the hint must contain. */
  hint: RegExp,
  /** The code in `error_uri`; undefined if the answer has no such code. */
  uri?: string,
]

export const OBSERVED: readonly Observed[] = [
  [400, 'invalid_grant', `${REFUSED} Expired key.`, 'MP-121', /registered key has expired/, 'MP-121'],
  [400, 'invalid_grant', `${REFUSED} Invalid JWT claim aud.`, 'MP-110', /MASKINPORTEN_ISSUER/],
  [400, 'invalid_grant', `${REFUSED} Invalid JWT signature.`, 'MP-124', /signature does not verify/],
  [400, 'invalid_grant', UNKNOWN_KID, undefined, /no key is registered on this client under the `kid`/],
  [
    400,
    'invalid_grant',
    `${INVALID_JWT} The client requires pre-registered jwk and no key identifier (kid) provided`,
    undefined,
    /authenticates with a registered key/,
  ],
  [400, 'invalid_scope', INVALID_SCOPE, 'MP-200', /not registered on this client/, 'MP-200'],
  [400, 'invalid_scope', NOT_GRANTED, 'MP-250', /has not granted your organisation/],
  [403, 'forbidden', NOT_GRANTED, 'MP-250', /has not granted your organisation/],
  [403, 'forbidden', NOT_DELEGATED, 'MP-251', /has not delegated this scope/],
  [
    400,
    'invalid_altinn_customer_configuration',
    'The customer has not set this up',
    'MP-303',
    /authorization_details has a value/,
  ],
]

/** The sentences of Digdir's page. A sentence is the whole description, or it follows REFUSED. */
const SENTENCES: readonly (readonly [sentence: string, code: string | undefined, hint: RegExp])[] = [
  ['Invalid assertion. Invalid parameter value', 'MP-011', /a parameter of the token request/],
  ['Grant is used before', 'MP-012', /used before/],
  ['Client not found', 'MP-100', /does not know the client/],
  ['Invalid JWT claim aud', 'MP-110', /MASKINPORTEN_ISSUER/],
  ['The JWT is signed with an invalid certificate', 'MP-120', /certificate is not valid/],
  ['Expired key', 'MP-121', /registered key has expired/],
  [
    'Invalid JWT. Invalid organization number for client. Does not match certificate orgno',
    'MP-122',
    /different organisations/,
  ],
  ['Invalid JWT header x5c', 'MP-123', /`certificateChain` as PEM/],
  ['Invalid JWT signature', 'MP-124', /signature does not verify/],
  ['JWT is expired', 'MP-130', /check the clock/],
  ['Token request contains invalid scopes for client', 'MP-200', /not registered on this client/],
  ['Token request contains scopes not allowed for maskinporten', 'MP-201', /integration types/],
  ['Consumer has not been granted access to the scope', 'MP-250', /has not granted your organisation/],
  [
    'Consumer 0192:910076787 has not delegated access to the scope nav:x.read to supplier 0192:991825827',
    'MP-251',
    /has not delegated this scope/,
  ],
  ['Unknown authorization details type', 'MP-301', /does not know this type/],
  ['Unknown fields in the authorization details', 'MP-302', /has a member/],
  ['Invalid authorization details values', 'MP-303', /authorization_details has a value/],
  ['Issue time is after now', undefined, /this machine.s clock is ahead/],
  [
    'The combination consumer_org in claim and delegation scope on client is invalid',
    undefined,
    /leave `consumerOrg` out/,
  ],
]

/** Each sentence in several forms: alone, after REFUSED, and with an id as Maskinporten writes it. */
export const DESCRIPTIONS = SENTENCES.flatMap(([sentence, code, hint]) =>
  [
    sentence,
    `${sentence}.`,
    `${sentence} (trace_id: ${TRACE_ID})`,
    `${sentence}. (correlation id: ${CORRELATION_ID})`,
    `${REFUSED} ${sentence}. (trace_id: ${TRACE_ID})`,
    `${REFUSED} ${sentence}: a detail of its own (trace_id: ${TRACE_ID})`,
  ].map((description) => [description, code, hint] as const),
)
