/**
 * What to do about each code of Maskinporten's token endpoint.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
export const HINTS: Readonly<Record<string, string>> = {
  'MP-011':
    'a parameter of the token request has a value that Maskinporten does not accept: check scope, resource and consumerOrg',
  'MP-012':
    'the assertion was used before; this client makes a new one each time, so check that no proxy repeats requests',
  'MP-100':
    'Maskinporten knows no such client, or cannot authenticate it: check clientId, the key and the environment',
  'MP-110':
    'the issuer is not the one of this environment: check MASKINPORTEN_ISSUER, trailing slash included',
  'MP-120':
    'the certificate is not valid: check that it is a current enterprise certificate for this environment',
  'MP-121':
    'the registered key has expired: register a new one (a key lives one year at most), on NAIS with the annotation digdir.nais.io/rotate on the MaskinportenClient',
  'MP-122': 'the certificate belongs to another organisation than the client',
  'MP-123':
    'Maskinporten does not accept the certificates in the header `x5c`: give `certificateChain` as PEM, with the own certificate first and each certificate followed by that of its issuer; code that signs assertions itself must send `x5c` as an array, also with one certificate',
  'MP-124':
    'the signature does not verify: the private key does not belong to the key registered under this kid; on NAIS, restart the application, or make a new key with the annotation digdir.nais.io/rotate on the MaskinportenClient',
  'MP-130': 'the assertion had expired on arrival: check the clock of this machine',
  'MP-200':
    "the scope is not registered on this client. If spec.maskinporten.scopes.consumes in nais.yaml lacks it, add it; if it is there, `kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'` says InvalidConsumedScopes, and the provider has to grant the scope",
  'MP-201': 'the scope does not allow this kind of client: ask its provider about allowed integration types',
  'MP-250': 'the provider has not granted your organisation this scope: ask the provider to grant it',
  'MP-251':
    'the organisation in consumerOrg has not delegated this scope to yours: ask it to do so in Altinn',
  'MP-301': 'Maskinporten does not know this type of authorization_details',
  'MP-302': 'authorization_details has a member that its type does not have',
  'MP-303':
    'authorization_details has a value that Maskinporten does not accept: check that the party has consented or registered',
}

/**
 * Hints for refusals that have no code of their own, by the words that begin the description. They say more
 * than a code that `error_uri` may name next to them.
 */
export const SENTENCE_HINTS = {
  'Unknown key identifier (kid)':
    'no key is registered on this client under the `kid` of the assertion: check keyId, or the kid of the JWK, and the environment; a key that was registered moments ago takes up to two minutes',
  'The client requires pre-registered jwk':
    'the client authenticates with a registered key, and the assertion names none: use `{ jwk }` or `{ pem, keyId }` in place of `certificateChain`',
  'Issue time is after now':
    'the assertion was issued in the future: this machine’s clock is ahead, by 10 s or more; synchronise it',
  'The combination consumer_org in claim and delegation scope on client is invalid':
    'the client may not use `consumerOrg` with this scope: leave `consumerOrg` out if it is your own organisation, else check that the scope is registered on the client for delegation',
  "identity provider 'maskinporten' is not enabled":
    'Texas is not set up for Maskinporten: set `spec.maskinporten.enabled: true` in nais.yaml',
  'Upstream request failed':
    'Texas cannot reach Maskinporten: see the log of Texas, and Digdir’s status page',
  'Failed to parse JSON':
    'Maskinporten’s answer to Texas was not a token response or a refusal with a description: see the log of Texas',
} as const

/** The words that begin a refusal without a code. */
export type SentenceWithoutCode = keyof typeof SENTENCE_HINTS

/** @param code Maskinporten's, where it gave one */
export function hintFor(code: string | undefined): string {
  const known = code === undefined ? undefined : HINTS[code]
  return known ?? 'Maskinporten rejected the token request: check client, key, scope and environment'
}
