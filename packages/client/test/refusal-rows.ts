/** The answers of the real token endpoint, as found in public. The identifiers are stand-ins. */

/** 32 hexadecimal digits, eleven decimal ones in a row among them: one real trace id in twenty has such a run. */
export const TRACE_ID = '0af7651916cd43dd8448eb2112345678'
export const CORRELATION_ID = '5b1e0c7a-3f52-4d2e-9a55-0c6de1f2a7b4'
const REFUSED = 'Invalid assertion. Client authentication failed.'

/** A refusal as Maskinporten words it, and the code that it stands for. */
export interface RefusalRow {
  readonly status: number
  readonly error: string
  /** Without the trace id. */
  readonly sentence: string
  /** The code in `error_uri`; undefined where the answer has no `error_uri`. */
  readonly uri?: string
  /** The code that the client must report; undefined for a refusal that has no code. */
  readonly code: string | undefined
  /** Words that the hint must have. */
  readonly hint: RegExp
}

/** Whole answers: status, `error`, `error_description` and, where it was seen, `error_uri`. */
export const OBSERVED: readonly RefusalRow[] = [
  {
    status: 400,
    error: 'invalid_grant',
    sentence: `${REFUSED} Expired key.`,
    uri: 'MP-121',
    code: 'MP-121',
    hint: /registered key has expired/,
  },
  {
    status: 400,
    error: 'invalid_grant',
    sentence: `${REFUSED} Invalid JWT claim aud.`,
    code: 'MP-110',
    hint: /MASKINPORTEN_ISSUER/,
  },
  {
    status: 400,
    error: 'invalid_grant',
    sentence: `${REFUSED} Invalid JWT signature.`,
    code: 'MP-124',
    hint: /signature does not verify/,
  },
  {
    status: 400,
    error: 'invalid_grant',
    sentence: `${REFUSED} Unknown key identifier (kid) for client.`,
    code: undefined,
    hint: /no key is registered on this client under the `kid`/,
  },
  {
    status: 400,
    error: 'invalid_grant',
    sentence: `${REFUSED} Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided`,
    code: undefined,
    hint: /authenticates with a registered key/,
  },
  {
    status: 400,
    error: 'invalid_scope',
    sentence: 'Token request contains invalid scopes for client, nav:helse/sykepenger/afp.read',
    uri: 'MP-200',
    code: 'MP-200',
    hint: /not registered on this client/,
  },
  {
    status: 400,
    error: 'invalid_scope',
    sentence: 'Consumer has not been granted access to the scope nav:helse/sykepenger/afp.read.',
    code: 'MP-250',
    hint: /has not granted your organisation/,
  },
  {
    status: 403,
    error: 'forbidden',
    sentence: 'Consumer has not been granted access to the scope nav:helse/sykepenger/afp.read.',
    code: 'MP-250',
    hint: /has not granted your organisation/,
  },
  {
    status: 403,
    error: 'forbidden',
    sentence: 'Consumer 910076787 has not delegated access to the scope nav:x.read to supplier 991825827.',
    code: 'MP-251',
    hint: /has not delegated this scope/,
  },
  {
    status: 400,
    error: 'invalid_altinn_customer_configuration',
    sentence: 'The customer has not set this up',
    code: 'MP-303',
    hint: /authorization_details has a value/,
  },
]

/** The sentences of Digdir's page. Each stands alone or after the words of a failed authentication. */
export const SENTENCES: readonly (readonly [sentence: string, code: string | undefined, hint: RegExp])[] = [
  ['Invalid assertion. Invalid parameter value', 'MP-011', /a parameter of the token request/],
  ['Grant is used before', 'MP-012', /used before/],
  ['Client not found', 'MP-100', /does not know the client/],
  ['Invalid JWT claim aud', 'MP-110', /MASKINPORTEN_ISSUER/],
  ['The JWT is signed with an invalid certificate', 'MP-120', /certificate is not valid/],
  ['Expired key', 'MP-121', /registered key has expired/],
  [
    'Invalid JWT. Invalid organization number for client. Does not match certificate orgno',
    'MP-122',
    /another organisation/,
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

/** Each sentence in each of its forms, with the trace id as Maskinporten writes it, or without. */
export const SENTENCE_FORMS: readonly (readonly [string, string | undefined, RegExp])[] = SENTENCES.flatMap(
  ([sentence, code, hint]) =>
    [
      sentence,
      `${sentence}.`,
      `${sentence} (trace_id: ${TRACE_ID})`,
      `${sentence}. (correlation id: ${CORRELATION_ID})`,
      `${REFUSED} ${sentence}. (trace_id: ${TRACE_ID})`,
      `${REFUSED} ${sentence}: a detail of its own (trace_id: ${TRACE_ID})`,
    ].map((description) => [description, code, hint] as const),
)
