interface Refusal {
  readonly error: string
  /** The HTTP status. Default 400. */
  readonly status?: 400 | 403
  /** Digdir's own sentence. A name in braces is replaced by a value from the request. */
  readonly sentence: string
  /** How the client's developer can fix the error. Shown on the page about the code. */
  readonly fix: string
}

function unauthenticated(problem: string, fix: string): Refusal {
  const sentence = `Invalid assertion. Client authentication failed. ${problem}`
  return { error: 'invalid_grant', sentence, fix }
}

/**
 * The codes of Maskinporten's token endpoint. Texas passes on only `error` and the sentence to a client, so the
 * sentences are exactly Digdir's.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
const CODED = {
  'MP-011': {
    error: 'invalid_request',
    sentence: 'Invalid assertion. Invalid parameter value.',
    fix: 'Correct the parameter or claim that error_description names. Look for line breaks and misspelled claims in the assertion.',
  },
  'MP-012': {
    error: 'invalid_grant',
    sentence: 'Grant is used before.',
    fix: 'Sign a new assertion, with a new jti, for every attempt. Do not let a proxy or an HTTP client repeat the request.',
  },
  'MP-100': unauthenticated(
    'Client not found.',
    'Set iss to the client id of a client that is registered in this environment.',
  ),
  'MP-110': unauthenticated(
    'Invalid JWT claim aud.',
    'Set aud to the issuer of this environment, exactly as its metadata has it, trailing slash included.',
  ),
  'MP-120': unauthenticated(
    'The JWT is signed with an invalid certificate.',
    'Sign with a current enterprise certificate for this environment, from a certificate authority that it trusts.',
  ),
  'MP-121': unauthenticated(
    'Expired key.',
    'Register a new key on the client: a registered key expires after one year.',
  ),
  'MP-122': unauthenticated(
    'Invalid JWT. Invalid organization number for client. Does not match certificate orgno.',
    'Sign with a certificate of the organisation that owns the client.',
  ),
  'MP-123': unauthenticated(
    'Invalid JWT header x5c.',
    'Send x5c as an array of base64 DER certificates: the signing certificate first, each followed by its issuer.',
  ),
  'MP-124': unauthenticated(
    'Invalid JWT signature.',
    'Sign with the private key of the key or certificate that the assertion names, in RS256, RS384 or RS512.',
  ),
  'MP-130': unauthenticated(
    'JWT is expired.',
    'Sign the assertion immediately before it is sent, with exp at most 120 seconds after iat. Check the clock of the client.',
  ),
  'MP-200': {
    error: 'invalid_scope',
    sentence: 'Token request contains invalid scopes for client, {scope}',
    fix: 'Add the scope to the client, or correct its spelling. On NAIS, list it under spec.maskinporten.scopes.consumes.',
  },
  'MP-201': {
    error: 'invalid_scope',
    sentence: 'Token request contains scopes not allowed for maskinporten.',
    fix: 'Use a client of an integration type that the scope allows, or ask the provider to allow this type.',
  },
  'MP-250': {
    error: 'invalid_scope',
    sentence: 'Consumer has not been granted access to the scope {scope}.',
    fix: 'Ask the provider of the scope to grant it to the consumer. With delegation that is the organisation in consumer_org.',
  },
  'MP-251': {
    error: 'forbidden',
    status: 403,
    sentence: 'Consumer {consumer} has not delegated access to the scope {scope} to supplier {supplier}.',
    fix: 'Ask the organisation in consumer_org to delegate the scope to the supplier in Altinn.',
  },
  'MP-301': {
    error: 'invalid_request',
    sentence: 'Unknown authorization details type.',
    fix: 'Set type in authorization_details to urn:altinn:systemuser or urn:altinn:consent.',
  },
  'MP-302': {
    error: 'invalid_request',
    sentence: 'Unknown fields in the authorization details.',
    fix: 'Remove the members that this type of authorization_details does not have.',
  },
  'MP-303': {
    error: 'invalid_altinn_customer_configuration',
    sentence: 'Invalid authorization details values.',
    fix: 'Check that the customer has registered the system user, or that the person has given the consent and it is still valid.',
  },
} as const satisfies Readonly<Record<string, Refusal>>

/** Refusals for which Digdir documents a sentence but not a code. */
const WITHOUT_CODE = {
  unknown_kid: unauthenticated(
    'Unknown key identifier (kid) for client.',
    'Set kid to the key id of a key that is registered on the client.',
  ),
  kid_missing: unauthenticated(
    'Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided',
    'Set kid to the key id of a key that is registered on the client.',
  ),
  issued_in_future: unauthenticated('Issue time is after now.', 'Check the clock of the client.'),
  own_consumer_org: {
    error: 'invalid_request',
    sentence: 'The combination consumer_org in claim and delegation scope on client is invalid.',
    fix: 'Omit consumer_org when the client acts for its own organisation.',
  },
} as const satisfies Readonly<Record<string, Refusal>>

/** A documented code of Maskinporten's token endpoint. */
export type GrantErrorCode = keyof typeof CODED

/** A code or, for a refusal without a code, the mock's own name for the refusal. */
export type RefusalName = GrantErrorCode | keyof typeof WITHOUT_CODE

/** Returns the name if it is a code, and otherwise undefined. */
export function codeOf(name: string): GrantErrorCode | undefined {
  // `Object.hasOwn` does not narrow the type of `name`.
  return Object.hasOwn(CODED, name) ? (name as GrantErrorCode) : undefined
}

export function refusalOf(name: RefusalName): Refusal & { readonly status: 400 | 403 } {
  const refusal: Refusal = { ...CODED, ...WITHOUT_CODE }[name]
  return { ...refusal, status: refusal.status ?? 400 }
}

/** The path below which the pages about the codes are served. */
export const ERRORS_PATH = '/errors'
