import { type Clock, Stopwatch } from './clock.js'
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

/** Digdir's own advice for how long metadata and keys may be kept. In seconds. */
const METADATA_LIFETIME = 24 * 60 * 60

/** Until metadata that could not be read is read again, where the address of the keys is known. In milliseconds. */
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
  /** Of the metadata that was read last; undefined when it is to be read again, however young. */
  let age: Stopwatch | undefined
  /** Milliseconds of the monotonic clock. */
  let pausedUntil = Number.NEGATIVE_INFINITY

  async function keyAddress(signal: AbortSignal): Promise<string> {
    const isFresh = age !== undefined && age.seconds < METADATA_LIFETIME
    if (jwksUri !== undefined && (isFresh || clock.elapsed() < pausedUntil)) return jwksUri
    pausedUntil = clock.elapsed() + METADATA_PAUSE
    const begun = new Stopwatch(clock)
    const document = await fetchJson(metadataUrl, fetch, signal)
    // An attempt that was given up never replaces what a later one has read.
    if (signal.aborted) throw new KeyFetchError('timeout')
    const metadata = readMetadata(document, accepted)
    accepted = [metadata.issuer]
    jwksUri = metadata.jwksUri
    age = begun
    pausedUntil = Number.NEGATIVE_INFINITY
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
        age = undefined
        pausedUntil = Number.NEGATIVE_INFINITY
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

/** Keys from another host, or over another scheme, would be somebody else's word about Maskinporten. */
function isOnHostOf(issuer: string, address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  const ours = new URL(issuer)
  return protocol === ours.protocol && host === ours.host && username === '' && password === ''
}
