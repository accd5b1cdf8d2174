import { takeOptions, wholeNumberBetween } from '../platform/options.js'

/** How many verified tokens are cached. */
export interface TokenCacheLimits {
  /** 1–1,000,000. Default 1000. */
  readonly maxTokens: number
  /** Limit of their total memory, in bytes, 64 KiB–64 GiB. Default 16 MiB. */
  readonly maxBytes: number
}

/** @throws {TypeError} naming the option, and what it must be */
export function readTokenCacheLimits(options: Partial<TokenCacheLimits>): TokenCacheLimits {
  const taken = takeOptions(options, ['maxTokens', 'maxBytes'], '`tokenCache`')
  const { maxTokens = 1000, maxBytes = 16 * 1024 * 1024 } = taken
  return Object.freeze({
    maxTokens: wholeNumberBetween(maxTokens, 1, 1_000_000, 'tokenCache.maxTokens'),
    maxBytes: wholeNumberBetween(maxBytes, 65_536, 2 ** 36, 'tokenCache.maxBytes'),
  })
}
