import type { IssuerRule } from '../claims/foreign-token.js'
import { type Clock, Stopwatch } from '../platform/clock.js'
import { type Fetch, fetchJson, UpstreamError } from '../platform/fetch-json.js'
import { endpointIn, issuerIn } from './metadata.js'

/** The source of the keys, and the issuer that signs with them. */
export interface KeySource extends IssuerRule {
  /** Gets the JWK set. Rejects with an `UpstreamError`. */
  fetch(signal: AbortSignal): Promise<unknown>
  /** True for keys from the option `jwks`, which are never refreshed. */
  readonly isStatic: boolean
}

export function staticKeys(issuer: string, jwks: unknown): KeySource {
  return {
    issuer: () => issuer,
    mayHaveIssued: (claimed) => claimed === issuer,
    fetch: async () => jwks,
    isStatic: true,
  }
}

export interface KeyAddress {
  /**
   * Accepted issuers. If there are two, the first valid metadata names one of them, and the other is then
   * refused.
   */
  readonly issuers: readonly string[]
  readonly metadataUrl: string
  /** The configured address of the keys; undefined if the metadata must name the address. */
  readonly endpoint: string | undefined
}

/** How long metadata is used, in seconds, as Digdir advises. */
const METADATA_LIFETIME = 24 * 60 * 60

/** Milliseconds until metadata is read again after a failure, if the address of the keys is known. */
const METADATA_PAUSE = 60 * 60 * 1000

/**
 * Fetches keys from the configured address, or from the address that the issuer's metadata names.
 *
 * With a configured address, metadata is read only to decide between two issuers, before the first key fetch.
 * Without a configured address, metadata is read before the first key fetch, then once a day, and after a
 * failed key fetch, because the keys can have moved. If a later read of metadata fails, that key fetch fails.
 * The next ones use the last address, until metadata is read again after an hour, so that broken metadata
 * alone causes no outage.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3
 */
export function fetchedKeys(
  { issuers, metadataUrl, endpoint }: KeyAddress,
  clock: Clock,
  fetch: Fetch | undefined,
): KeySource {
  let accepted = issuers
  const issuer = () => (accepted.length === 1 ? accepted[0] : undefined)
  let known: string | undefined
  /** The age of the metadata; undefined if the metadata must be read again. */
  let age: Stopwatch | undefined
  /** When metadata can be read again after a failed read, in milliseconds of the monotonic clock. */
  let pausedUntil = Number.NEGATIVE_INFINITY

  async function keyAddress(signal: AbortSignal): Promise<string> {
    const isFresh = age !== undefined && age.seconds < METADATA_LIFETIME
    if (known !== undefined && (isFresh || clock.elapsed() < pausedUntil)) return known
    pausedUntil = clock.elapsed() + METADATA_PAUSE
    const begun = new Stopwatch(clock)
    // Rejects if the attempt was aborted, so that it does not replace the result of a later attempt.
    const document = await fetchJson(metadataUrl, fetch, signal)
    const named = issuerIn(document, accepted)
    const address = endpoint ?? (named && endpointIn(document, named, 'jwks_uri'))
    if (named === undefined || address === undefined) throw new UpstreamError('wrong_metadata')
    accepted = [named]
    known = address
    age = begun
    pausedUntil = Number.NEGATIVE_INFINITY
    return address
  }

  return {
    issuer,
    mayHaveIssued: (claimed) => accepted.some((one) => one === claimed),
    isStatic: false,
    async fetch(signal) {
      // No `await` for a configured address, so that the fetch begins within the request that needs the keys.
      const address = endpoint !== undefined && issuer() !== undefined ? endpoint : await keyAddress(signal)
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
