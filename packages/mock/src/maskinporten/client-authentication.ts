import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { RegisteredClient } from '../registry/client.js'
import type { Assertion } from './assertion.js'
import { type CertificateRules, checkCertificates } from './certificate-chain.js'
import { GrantError } from './grant-error.js'

/** How the client authenticated: the `client_amr` of its tokens. */
export type ClientAuthentication = 'private_key_jwt' | 'virksomhetssertifikat'

const DIGESTS = new Map(['256', '384', '512'].map((bits) => [`RS${bits}`, `sha${bits}`]))

/**
 * Verifies that the client signed the assertion, with its registered key or its organisation's certificate.
 *
 * @throws {GrantError} MP-120 to MP-124, or about a missing or unknown `kid`
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant `kid` or `x5c`
 */
export function checkClient(
  assertion: Assertion,
  client: RegisteredClient,
  rules: CertificateRules,
): ClientAuthentication {
  const { alg, kid, x5c } = assertion.header
  const digest = DIGESTS.get(alg ?? '')
  if (digest === undefined)
    throw new GrantError(
      'MP-124',
      `\`alg\` of the assertion must be one of ${[...DIGESTS.keys()].join(', ')}.`,
    )
  // RFC 7515 §4.1.11: extensions in `crit` must be understood. RFC 7797: `b64` changes the signed text.
  for (const name of ['crit', 'b64'])
    if (Object.hasOwn(assertion.header, name))
      throw new GrantError('MP-124', `The header parameter \`${name}\` is not supported.`)
  if (client.keys) {
    if (kid === undefined)
      throw new GrantError('kid_missing', 'This client has a registered key and must send its `kid`.')
    if (x5c !== undefined)
      throw new GrantError('MP-120', 'This client has a registered key and must send `kid` without `x5c`.')
    checkSignature(assertion, digest, registeredKey(client, kid, rules.clock.now()))
    return 'private_key_jwt'
  }
  if (x5c === undefined)
    throw new GrantError(
      'MP-124',
      'No key is registered on this client: it must send its certificates as `x5c`.',
    )
  checkSignature(assertion, digest, checkCertificates(x5c, client.organisationNumber, rules))
  return 'virksomhetssertifikat'
}

/** Lifetime of a registered key in milliseconds: one year. */
const KEY_LIFETIME = 365 * 86_400_000

function registeredKey({ keys, keysSince }: RegisteredClient, kid: unknown, now: number): KeyObject {
  if (!keys || kid !== keys.publicJwk.kid)
    throw new GrantError('unknown_kid', '`kid` of the assertion is not that of the registered key.')
  if (now >= keysSince + KEY_LIFETIME)
    throw new GrantError('MP-121', 'The registered key is more than one year old.')
  return createPublicKey({ key: keys.publicJwk, format: 'jwk' })
}

function checkSignature({ jws }: Assertion, digest: string, key: KeyObject): void {
  const end = jws.lastIndexOf('.')
  const signature = Buffer.from(jws.slice(end + 1), 'base64url')
  if (verify(digest, Buffer.from(jws.slice(0, end)), key, signature)) return
  throw new GrantError('MP-124', 'The signature does not match the key that the assertion names.')
}
