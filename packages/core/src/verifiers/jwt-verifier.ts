import type { CryptoKey } from 'jose'
import { type ClaimRules, rejectEarly } from '../claims/check-claims.js'
import { type ReadClaims, readClaims } from '../claims/read-claims.js'
import { type CompactJws, type CompactJwsRules, readCompactJws } from '../jws/compact-jws.js'
import { verifySignature } from '../jws/verify-signature.js'
import { KeySet, type KeySetParts } from '../keys/key-set.js'
import type { Reading, TokenVerifier } from './token-verifier.js'
import { type TokenCacheLimits, VerifiedTokenCache } from './verified-token-cache.js'

/** What verifying by keys needs of a validator's configuration. */
export interface JwtVerifierConfig extends CompactJwsRules, ClaimRules, Omit<KeySetParts, 'isRequestScoped'> {
  /** Undefined when no token is remembered. */
  readonly tokenCache: TokenCacheLimits | undefined
}

/** Reads tokens by Maskinporten's own keys. */
export function jwtVerifier(config: JwtVerifierConfig): TokenVerifier {
  const requestScoped = isRequestScoped()
  const keys = new KeySet({ ...config, isRequestScoped: requestScoped })
  const cache =
    config.tokenCache && new VerifiedTokenCache(config.tokenCache, requestScoped ? undefined : config.clock)
  const now = () => config.clock.now() / 1000
  const reject = (jws: CompactJws) => rejectEarly(jws.unverifiedClaims, config.issuer, config, now())

  function spelt(token: string, reading: Reading): CompactJws {
    reading.step = 'spelling'
    const jws = readCompactJws(token, config)
    reading.keyId = jws.keyId
    reading.step = 'key'
    return jws
  }

  async function verified(jws: CompactJws, key: CryptoKey, reading: Reading): Promise<ReadClaims> {
    reading.step = 'signature'
    const verifiedClaims = await verifySignature(jws, key)
    reading.step = 'claims'
    const claims = readClaims(verifiedClaims)
    cache?.keep(jws.token, key, claims, now())
    return claims
  }

  return {
    steps: ['spelling', 'key', 'signature', 'claims'],
    read(token, reading, request) {
      // What is no text is for the spelling to refuse.
      const known = typeof token === 'string' ? cache?.get(token, reading.now) : undefined
      // Reads the cached copy: what is read of this request's token would keep its header in memory.
      const jws = known?.content?.jws ?? spelt(known?.token ?? token, reading)
      reading.keyId = jws.keyId
      // The wall clock has just been read: reading it again costs a tenth of a decision.
      const key = keys.find(jws, reject, request, Math.round(reading.now * 1000))
      // What is known of a token stands for as long as its key does: not when the name is another key's now.
      if (known && known.key === key) {
        known.content ??= { jws, claims: readClaims(jws.unverifiedClaims) }
        return known.content.claims
      }
      return 'then' in key ? key.then((found) => verified(jws, found, reading)) : verified(jws, key, reading)
    },
    async readAtHand(token, reading) {
      const jws = spelt(token, reading)
      const key = await keys.findAtHand(jws, reject)
      return key && verified(jws, key, reading)
    },
    ready: () => keys.ready(),
    health: () => keys.health(),
    get failure() {
      return keys.failure
    },
  }
}

/** Whether I/O belongs to the request that began it: on Cloudflare Workers. */
export function isRequestScoped(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
