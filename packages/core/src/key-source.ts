import type { Clock } from './clock.js'
import { type Fetch, fetchJson, KeyFetchError } from './fetch-json.js'
import { isObject, own } from './json.js'

/** Where keys come from, and whose they are. */
export interface KeySource {
  /** The issuer whose keys these are; undefined until metadata has said which of two spellings it is. */
  issuer(): string | undefined
  /** Whether an unverified `iss` may be this issuer's. */
  mayHaveIssued(issuer: unknown): boolean
  /** Gets the JWK set. Rejects with a `KeyFetchError`. */
  fetch(signal: AbortSignal): Promise<unknown>
  /** True when there is nothing to refresh. */
  readonly isStatic: boolean
}

/** Keys given by the application. */
export function staticKeys(issuer: string, jwks: unknown): KeySource {
  return { ...knownIssuer(issuer), fetch: async () => jwks, isStatic: true }
}

/** Keys at a known address. */
export function keysAt(issuer: string, jwksUri: string, fetch: Fetch | undefined): KeySource {
  return { ...knownIssuer(issuer), fetch: (signal) => fetchJson(jwksUri, fetch, signal), isStatic: false }
}

function knownIssuer(issuer: string) {
  return { issuer: () => issuer, mayHaveIssued: (claimed: unknown) => claimed === issuer }
}

/** Digdir's own advice for how long metadata and keys may be kept. */
const METADATA_LIFETIME = 24 * 60 * 60 * 1000

/** Until metadata that could not be read is read again, where the address of the keys is known. */
const METADATA_PAUSE = 60 * 60 * 1000

/**
 * Keys at the address that the issuer's metadata names.
 *
 * Metadata is read first, then once a day, and after a key fetch that failed, since the address may have
 * moved. When reading it fails, the attempts of the next hour go to the known address: one broken document
 * alone never keeps keys away.
 *
 * @param issuers the accepted spellings of the issuer; the first metadata read pins the one it names
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3
 */
export function keysByMetadata(
  issuers: readonly string[],
  metadataUrl: string,
  clock: Clock,
  fetch: Fetch | undefined,
): KeySource {
  let accepted = issuers
  let jwksUri: string | undefined
  let readAgainAt = Number.NEGATIVE_INFINITY

  async function keyAddress(signal: AbortSignal): Promise<string> {
    if (jwksUri !== undefined && clock.elapsed() < readAgainAt) return jwksUri
    readAgainAt = clock.elapsed() + METADATA_PAUSE
    const metadata = readMetadata(await fetchJson(metadataUrl, fetch, signal), accepted)
    accepted = [metadata.issuer]
    jwksUri = metadata.jwksUri
    readAgainAt = clock.elapsed() + METADATA_LIFETIME
    return jwksUri
  }

  return {
    isStatic: false,
    issuer: () => (accepted.length === 1 ? accepted[0] : undefined),
    mayHaveIssued: (claimed) => accepted.some((issuer) => issuer === claimed),
    async fetch(signal) {
      const address = await keyAddress(signal)
      try {
        return await fetchJson(address, fetch, signal)
      } catch (error) {
        readAgainAt = Number.NEGATIVE_INFINITY
        throw error
      }
    },
  }
}

function readMetadata(metadata: unknown, accepted: readonly string[]) {
  if (!isObject(metadata)) throw new KeyFetchError('wrong_metadata')
  // RFC 8414 §3.3: identical to the configured issuer, or the document is somebody else's.
  const claimed = own(metadata, 'issuer')
  const issuer = accepted.find((ours) => ours === claimed)
  const jwksUri = own(metadata, 'jwks_uri')
  if (issuer === undefined || typeof jwksUri !== 'string' || !isOnHostOf(issuer, jwksUri)) {
    throw new KeyFetchError('wrong_metadata')
  }
  return { issuer, jwksUri }
}

/** In characters. A host of 20,000 non-ASCII letters takes the URL parser a second, as IDNA is quadratic. */
const LONGEST_ADDRESS = 2048

/** Keys from another host, or over another scheme, would be somebody else's word about Maskinporten. */
function isOnHostOf(issuer: string, address: string): boolean {
  if (address.length > LONGEST_ADDRESS || !URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  const ours = new URL(issuer)
  return protocol === ours.protocol && host === ours.host && username === '' && password === ''
}
