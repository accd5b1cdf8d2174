import type { CryptoKey } from 'jose'
import { LRUCache } from 'lru-cache'
import type { ReadClaims } from './claims.js'
import type { CompactJws } from './compact-jws.js'

/** How many verified tokens are remembered. */
export interface TokenCacheLimits {
  /** Default 1000. */
  readonly maxTokens: number
  /** An estimate of the memory they take, in bytes. Default 16 MiB. */
  readonly maxBytes: number
}

/** That exactly this token has a valid signature by this key. No verdict on anything else. */
export interface KnownToken {
  readonly token: string
  readonly key: CryptoKey
  /** `exp`: seconds since the epoch. */
  readonly expiresAt: number
  /**
   * What it says, from its second use on. Many tokens come only once, and their many small objects would
   * occupy memory, and the garbage collector for about as long as it takes to read them again.
   */
  content?: { readonly jws: CompactJws; readonly claims: ReadClaims }
}

/** So much of a signature's end finds an entry; the whole token then decides. Any length would do. */
const TAIL = 12

/** Seconds between two looks for entries that have expired unseen. */
const SWEEP_EVERY = 10

/**
 * Tokens whose signature was verified. Machine clients send one until it expires, so most requests bring a
 * token that was verified a moment ago, and its signature need not be verified twice. Everything else about it
 * is judged again on every request. Failures are never remembered, and an entry is gone once its token has
 * expired.
 */
export class TokenCache {
  readonly #entries: LRUCache<string, KnownToken>
  #sweepFrom = 0

  constructor({ maxTokens, maxBytes }: TokenCacheLimits) {
    this.#entries = new LRUCache({ max: maxTokens, maxSize: maxBytes })
  }

  /**
   * A token that is known by its whole text. A text that equals one is spelt as canonically as that one was.
   *
   * @param now seconds since the epoch
   */
  get(token: string, now: number): KnownToken | undefined {
    const tail = token.slice(-TAIL)
    const entry = this.#entries.get(tail)
    // The tail is only where to look. Two tokens may share one, and a forger can copy one.
    if (entry === undefined || entry.token !== token) return undefined
    if (now < entry.expiresAt) return entry
    this.#entries.delete(tail)
    return undefined
  }

  /** @param now seconds since the epoch */
  keep(entry: KnownToken, now: number): void {
    if (now >= this.#sweepFrom) this.#sweep(now)
    if (now >= entry.expiresAt) return
    this.#entries.set(entry.token.slice(-TAIL), entry, { size: sizeOf(entry) })
  }

  /** Without a timer: tokens are only in the way while there are new ones. */
  #sweep(now: number): void {
    this.#sweepFrom = now + SWEEP_EVERY
    for (const [tail, entry] of this.#entries.entries()) {
      if (now >= entry.expiresAt) this.#entries.delete(tail)
    }
  }
}

/** The text, once, and the claims that were parsed out of it, with what every object costs. */
function sizeOf({ token }: KnownToken): number {
  return 2048 + 4 * token.length
}
