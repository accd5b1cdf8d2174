import { takeOptions, wholeNumberBetween } from '../platform/options.js'

/** The limits of the cache of verified tokens. */
export interface TokenCacheLimits {
  /** Maximum number of tokens, 1–1,000,000. Default 1000. */
  readonly maxTokens: number
  /** Maximum memory of all cached tokens together, in bytes, 64 KiB–64 GiB. Default 16 MiB. */
  readonly maxBytes: number
}

/** @throws {TypeError} naming the bad option, and what it must be */
export function readTokenCacheLimits(options: Partial<TokenCacheLimits>): TokenCacheLimits {
  const taken = takeOptions(options, ['maxTokens', 'maxBytes'], '`tokenCache`')
  const { maxTokens = 1000, maxBytes = 16 * 1024 * 1024 } = taken
  return Object.freeze({
    maxTokens: wholeNumberBetween(maxTokens, 1, 1_000_000, 'tokenCache.maxTokens'),
    maxBytes: wholeNumberBetween(maxBytes, 65_536, 2 ** 36, 'tokenCache.maxBytes'),
  })
}
