import { LRUCache } from 'lru-cache'
import type { ReadClaims } from '../claims/read-claims.js'
import type { KeyName } from '../jws/compact-jws.js'
import type { VerificationKey } from '../jws/verify-signature.js'
import type { Clock } from '../platform/clock.js'
import type { TokenCacheLimits } from './token-cache-limits.js'

/** A token whose claims have been read. */
export interface ReadToken extends KeyName {
  readonly claims: ReadClaims
}

/** Records only that exactly this token has a valid signature by this key. */
interface KnownToken {
  readonly token: string
  readonly key: VerificationKey
  /** When the token expires: seconds since the epoch, rounded down. */
  readonly expiry: number
  /**
   * Undefined until the second use of the token, because garbage collection of these many small objects costs
   * as much as parsing the token a second time.
   */
  content: ReadToken | undefined
}

/** An entry is found by this many characters at the end of its token. The whole token is then compared. */
const TAIL = 12

/** The longest timer, in milliseconds. On most platforms a timer of 2^31 ms or more fires at once. */
const LONGEST_TIMER = 24 * 60 * 60 * 1000

/**
 * The options of each look-up: `lru-cache` would otherwise read `status` from a polluted `Object.prototype`.
 * An object without a prototype would take a fifth longer.
 */
const LOOK_UP: object = { status: undefined }

const decoder = new TextDecoder()

/**
 * Tokens whose signature was verified. Machine clients send a token until it expires, so most requests bring
 * a known token. Key, time, issuer and requirement are still checked on every request. Failures are never
 * cached.
 *
 * A timer removes an entry when its token expires. Where there is no timer, the next use of the cache removes
 * it.
 */
export class VerifiedTokenCache {
  readonly #entries: LRUCache<string, KnownToken>
  /** Keys of `#entries` (the ends of tokens), by the second in which the entries expire. */
  readonly #expiring = new Map<number, Set<string>>()
  readonly #clock: Clock | undefined
  #nextExpiry = Number.POSITIVE_INFINITY
  #cancelTimer: (() => void) | undefined

  /** @param clock sets the timer; undefined where a timer must not outlive its request */
  constructor({ maxTokens, maxBytes }: TokenCacheLimits, clock: Clock | undefined) {
    this.#clock = clock
    this.#entries = new LRUCache({
      max: maxTokens,
      maxSize: maxBytes,
      dispose: (entry, tail) => this.#forgetExpiry(entry, tail),
    })
  }

  /** @param now seconds since the epoch */
  get(token: string, now: number): KnownToken | undefined {
    if (now >= this.#nextExpiry) this.#expire(now)
    const entry = this.#entries.get(token.slice(-TAIL), LOOK_UP)
    // Two tokens can end in the same characters, and an attacker can copy the end of a token.
    return entry?.token === token ? entry : undefined
  }

  /**
   * @param bytes the token
   * @param now seconds since the epoch
   */
  keep(bytes: Uint8Array, key: VerificationKey, claims: ReadClaims, now: number): void {
    if (now >= this.#nextExpiry) this.#expire(now)
    const expiry = Math.floor(claims.token.expiresAt)
    if (now >= expiry) return
    // Decoded from bytes: a request's own token string is a slice of the Authorization header, and would keep
    // the whole header in memory.
    const entry: KnownToken = { token: decoder.decode(bytes), key, expiry, content: undefined }
    const tail = entry.token.slice(-TAIL)
    this.#entries.set(tail, entry, Object.assign(Object.create(null), { size: bytesOf(entry.token, claims) }))
    // An entry larger than the whole cache is not kept.
    if (this.#entries.peek(tail, LOOK_UP) !== entry) return
    const others = this.#expiring.get(expiry)
    if (others) others.add(tail)
    else this.#expiring.set(expiry, new Set([tail]))
    if (expiry < this.#nextExpiry) this.#expireAt(expiry)
  }

  #forgetExpiry({ expiry }: KnownToken, tail: string): void {
    const tails = this.#expiring.get(expiry)
    tails?.delete(tail)
    if (tails?.size === 0) this.#expiring.delete(expiry)
  }

  #expire(now: number): void {
    let next = Number.POSITIVE_INFINITY
    for (const [expiry, tails] of this.#expiring) {
      if (expiry > now) next = Math.min(next, expiry)
      else for (const tail of tails) this.#entries.delete(tail)
    }
    this.#expireAt(next)
  }

  /** Runs one timer at a time, which does not keep the process running. */
  #expireAt(expiry: number): void {
    this.#nextExpiry = expiry
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const clock = this.#clock
    if (!clock || expiry === Number.POSITIVE_INFINITY) return
    const wait = Math.min(Math.max(expiry * 1000 - clock.now(), 0), LONGEST_TIMER)
    this.#cancelTimer = clock.after(wait, () => this.#expire(clock.now() / 1000), true)
  }
}

/** Bytes that every entry needs: the entry, its places in the maps, and the objects of a verified token. */
const ENTRY = 4096

/** Bytes of each scope in addition to the claim's text: its string, and its places in a list and an index. */
const SCOPE = 120

/** An upper bound for the memory of an entry, whatever its claims. Usual tokens take half of this bound. */
function bytesOf(token: string, { memory, token: { scopes } }: ReadClaims): number {
  return ENTRY + token.length + memory + SCOPE * scopes.length
}
