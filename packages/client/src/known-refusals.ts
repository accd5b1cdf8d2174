import type { Hint } from '@portvakt/core'

/** A refusal by Maskinporten's token endpoint or by Texas. */
export interface KnownRefusal {
  /** Undefined for a refusal without a code. */
  readonly code?: string
  /**
   * The sentence at the start of the `error_description`. It identifies a refusal that Texas passes on,
   * because Texas drops the `error_uri`.
   */
  readonly sentence: string | RegExp
  /**
   * Matches a description that starts with the sentence. The sentence must end where a word ends:
   * `Expired key` does not match `Expired keys`.
   */
  readonly begins: RegExp
  readonly hint: Hint
}

/**
 * The refusals of Digdir and Texas: first the refusals with a code, then those without. If a description
 * matches a refusal without a code, the hint of that refusal is used even if `error_uri` contains a code,
 * because it is more specific than the code's hint.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
export const KNOWN_REFUSALS: readonly KnownRefusal[] = [
  refusal('MP-011', 'Invalid parameter value', {
    cause: 'a parameter of the token request has a value that Maskinporten does not accept',
    fix: 'check scope, resource and consumerOrg',
  }),
  refusal('MP-012', 'Grant is used before', {
    cause: 'the assertion was used before',
    fix: 'this client makes a new one each time, so check that no proxy repeats requests',
  }),
  refusal('MP-100', 'Client not found', {
    cause: 'Maskinporten does not know the client, or cannot authenticate it',
    fix: 'check clientId, the key and the environment',
  }),
  refusal('MP-110', 'Invalid JWT claim aud', {
    cause: 'the audience of the assertion is not the issuer of this environment',
    fix: 'check MASKINPORTEN_ISSUER, trailing slash included',
  }),
  refusal('MP-120', 'The JWT is signed with an invalid certificate', {
    cause: 'the certificate is not valid',
    fix: 'check that it is a current enterprise certificate for this environment',
  }),
  refusal('MP-121', 'Expired key', {
    cause: 'the registered key has expired',
    fix: 'register a new one, which lives for at most one year; on NAIS, use the annotation digdir.nais.io/rotate on the MaskinportenClient',
  }),
  refusal('MP-122', 'Invalid organization number for client', {
    cause: 'the certificate and the client belong to different organisations',
    fix: 'use an enterprise certificate of the organisation that owns the client',
  }),
  refusal('MP-123', 'Invalid JWT header x5c', {
    cause: 'Maskinporten does not accept the certificates in the header `x5c`',
    fix: 'give `certificateChain` as PEM, with the client’s own certificate first and each certificate followed by that of its issuer; code that signs assertions itself must send `x5c` as an array, even with one certificate',
  }),
  refusal('MP-124', 'Invalid JWT signature', {
    cause: 'the signature does not verify: the private key does not match the key registered under this kid',
    fix: 'on NAIS, restart the application, or make a new key with the annotation digdir.nais.io/rotate on the MaskinportenClient',
  }),
  refusal('MP-130', 'JWT is expired', {
    cause: 'the assertion had expired on arrival',
    fix: 'check the clock of this machine',
  }),
  refusal('MP-200', 'Token request contains invalid scopes for client', {
    cause: 'the scope is not registered on this client',
    fix: "add it to spec.maskinporten.scopes.consumes in nais.yaml; if it is already there, run `kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'`: the condition InvalidConsumedScopes means that the provider has to grant it",
  }),
  refusal('MP-201', 'Token request contains scopes not allowed for maskinporten', {
    cause: 'the scope does not allow this kind of client',
    fix: 'ask its provider about allowed integration types',
  }),
  refusal('MP-250', /^consumer (?:\S{1,40} )?has not been granted access to the scope/i, {
    cause: 'the provider has not granted your organisation (with consumerOrg, that organisation) this scope',
    fix: 'ask the provider to grant it',
  }),
  refusal('MP-251', /^consumer (?:\S{1,40} )?has not delegated access to the scope/i, {
    cause: 'the organisation in consumerOrg has not delegated this scope to yours',
    fix: 'ask it to do so in Altinn',
  }),
  refusal('MP-301', 'Unknown authorization details type', {
    cause: 'Maskinporten does not know this type of authorization_details',
    fix: 'check the type of each entry: `systemUser` and `consent` make entries of known types',
  }),
  refusal('MP-302', 'Unknown fields in the authorization details', {
    cause: 'authorization_details has a member that its type does not have',
    fix: 'leave the member out: `systemUser` and `consent` make entries with known members only',
  }),
  refusal('MP-303', 'Invalid authorization details values', {
    cause: 'authorization_details has a value that Maskinporten does not accept',
    fix: 'check that the party has consented or registered',
  }),
  refusal(undefined, 'Unknown key identifier (kid)', {
    cause: 'no key is registered on this client under the `kid` of the assertion',
    fix: 'check keyId, or the kid of the JWK, and the environment; a key that was registered moments ago takes up to two minutes',
  }),
  refusal(undefined, 'The client requires pre-registered jwk', {
    cause: 'the client authenticates with a registered key, and the assertion names none',
    fix: 'use `{ jwk }` or `{ pem, keyId }` in place of `certificateChain`',
  }),
  refusal(undefined, 'Issue time is after now', {
    cause: 'the assertion was issued in the future: this machine’s clock is ahead, by 10 s or more',
    fix: 'synchronise the clock of this machine',
  }),
  refusal(undefined, 'The combination consumer_org in claim and delegation scope on client is invalid', {
    cause: 'the client cannot use `consumerOrg` with this scope',
    fix: 'leave `consumerOrg` out if it is your own organisation, else check that the scope is registered on the client for delegation',
  }),
  refusal(undefined, "identity provider 'maskinporten' is not enabled", {
    cause: 'Texas is not set up for Maskinporten',
    fix: 'set `spec.maskinporten.enabled: true` in nais.yaml',
  }),
  refusal(undefined, 'Upstream request failed', {
    cause: 'Texas cannot reach Maskinporten',
    fix: 'check the log of Texas, and Digdir’s status page',
  }),
  refusal(undefined, 'Failed to parse JSON', {
    cause: 'Maskinporten’s answer to Texas was not a token response or a refusal with a description',
    fix: 'check the log of Texas',
  }),
]

function refusal(code: string | undefined, sentence: string | RegExp, hint: Hint): KnownRefusal {
  const source = typeof sentence === 'string' ? `^${sentence.replace(/[()]/g, '\\$&')}` : sentence.source
  const begins = new RegExp(`${source}(?![a-z0-9])`, 'i')
  return { ...(code !== undefined && { code }), sentence, begins, hint }
}

/** @param code Maskinporten's code; undefined if the answer has no code */
export function hintFor(code: string | undefined): Hint {
  const known = code === undefined ? undefined : KNOWN_REFUSALS.find((row) => row.code === code)
  return known?.hint ?? GENERAL
}

const GENERAL: Hint = {
  cause: 'Maskinporten rejected the token request',
  fix: 'check client, key, scope and environment',
}

/** Matches Maskinporten's general phrases, which can precede the sentence in a description. */
const PREFIX = /^(?:(?:invalid assertion|client authentication failed|invalid jwt)\. *)+/i

/**
 * Matches the description that Maskinporten sends if it does not know the client or cannot authenticate it.
 */
const NOT_AUTHENTICATED = /^(?:invalid assertion\. *)?client authentication failed[. ]*$/i

/**
 * Finds the refusal by the sentence at the start of a description. The rest of the description is ignored,
 * because it can contain the name of a scope or another value of the request.
 *
 * @param description the description without its trace id
 */
export function refusalDescribedBy(description: string): KnownRefusal | undefined {
  if (NOT_AUTHENTICATED.test(description)) return KNOWN_REFUSALS.find(({ code }) => code === 'MP-100')
  const sentence = description.replace(PREFIX, '')
  return KNOWN_REFUSALS.find(({ begins }) => begins.test(sentence))
}
