import type { IssuerRule } from '../claims/foreign-token.js'
import { type Clock, Stopwatch } from '../platform/clock.js'
import { type Fetch, fetchJson, UpstreamError } from '../platform/fetch-json.js'
import { endpointIn, issuerIn } from './metadata.js'

/** Where keys come from, and whose they are. */
export interface KeySource extends IssuerRule {
  /** Gets the JWK set. Rejects with a `UpstreamError`. */
  fetch(signal: AbortSignal): Promise<unknown>
  /** True when there is nothing to refresh. */
  readonly isStatic: boolean
}

/**
 * An issuer of one or two accepted spellings. With two, the first good metadata document says which of them it is,
 * and from then on the other is refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3
 */
function pinnedIssuer(issuers: readonly string[]) {
  let accepted = issuers
  const rule: IssuerRule = {
    issuer: () => (accepted.length === 1 ? accepted[0] : undefined),
    mayHaveIssued: (claimed) => accepted.some((issuer) => issuer === claimed),
  }
  return {
    rule,
    get accepted() {
      return accepted
    },
    pin(issuer: string) {
      accepted = [issuer]
    },
  }
}

/** Keys given by the application. */
export function staticKeys(issuer: string, jwks: unknown): KeySource {
  return { ...pinnedIssuer([issuer]).rule, fetch: async () => jwks, isStatic: true }
}

/**
 * Keys at a known address. With two spellings of the issuer, metadata is read first: no keys are fetched before the
 * issuer is known, so that none can be used before.
 */
export function keysAt(
  issuers: readonly string[],
  metadataUrl: string,
  jwksUri: string,
  fetch: Fetch | undefined,
): KeySource {
  const pinned = pinnedIssuer(issuers)

  async function learnIssuer(signal: AbortSignal): Promise<void> {
    const document = await fetchJson(metadataUrl, fetch, signal)
    // An attempt that was given up does not pin the issuer.
    if (signal.aborted) throw new UpstreamError('timeout')
    const issuer = issuerIn(document, pinned.accepted)
    if (issuer === undefined) throw new UpstreamError('wrong_metadata')
    pinned.pin(issuer)
  }

  return {
    ...pinned.rule,
    isStatic: false,
    async fetch(signal) {
      if (pinned.rule.issuer() === undefined) await learnIssuer(signal)
      return fetchJson(jwksUri, fetch, signal)
    },
  }
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
  const pinned = pinnedIssuer(issuers)
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
    if (signal.aborted) throw new UpstreamError('timeout')
    const issuer = issuerIn(document, pinned.accepted)
    const address = issuer === undefined ? undefined : endpointIn(document, issuer, 'jwks_uri')
    if (issuer === undefined || address === undefined) throw new UpstreamError('wrong_metadata')
    pinned.pin(issuer)
    jwksUri = address
    age = begun
    pausedUntil = Number.NEGATIVE_INFINITY
    return jwksUri
  }

  return {
    ...pinned.rule,
    isStatic: false,
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
