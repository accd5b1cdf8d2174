import { type ClaimRules, rejectEarly } from '../claims/check-claims.js'
import { type ReadClaims, readClaims } from '../claims/read-claims.js'
import { type CompactJws, type CompactJwsRules, readCompactJws } from '../jws/compact-jws.js'
import { type VerificationKey, verifySignature } from '../jws/verify-signature.js'
import type { KeyRequest } from '../keys/key-refresh.js'
import { KeySet, type KeySetParts } from '../keys/key-set.js'
import type { TokenCacheLimits } from './token-cache-limits.js'
import type { TokenVerifier, VerificationTrace } from './token-verifier.js'
import { type ReadToken, VerifiedTokenCache } from './verified-token-cache.js'

interface JwtVerifierConfig extends CompactJwsRules, ClaimRules, Omit<KeySetParts, 'isRequestScoped'> {
  readonly tokenCache: TokenCacheLimits | undefined
}

/**
 * Verifies tokens with Maskinporten's keys. In an outage, `KeySet.peek` still finds old keys. Once these keys
 * have expired, `KeySet.load` throws `keys_unavailable`.
 */
export function jwtVerifier(config: JwtVerifierConfig): TokenVerifier {
  // On Cloudflare Workers, I/O ends with the request that began it.
  const isRequestScoped = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
  const keys = new KeySet({ ...config, isRequestScoped })
  const cache =
    config.tokenCache && new VerifiedTokenCache(config.tokenCache, isRequestScoped ? undefined : config.clock)

  function parse(token: string, trace: VerificationTrace): CompactJws {
    trace.step = 'form'
    const jws = readCompactJws(token, config)
    trace.step = 'key'
    return jws
  }

  const reject = (jws: CompactJws) =>
    rejectEarly(jws.unverifiedClaims, config.issuer, config, config.clock.now() / 1000)

  /**
   * A token that its own claims rule out does not cause a fetch. A forged, expired token is therefore refused
   * as `expired` if its key is unknown or no keys are usable, but as `bad_signature` if its key is known. If
   * the request must await a refresh of keys that have not expired, the refresh runs before the claims are
   * examined, so that the reason does not depend on the age of the keys.
   */
  async function loadKey(jws: CompactJws, request: KeyRequest): Promise<VerificationKey> {
    if (!keys.mustRefresh(request)) {
      reject(jws)
      return keys.load(jws, request)
    }
    await keys.refresh(request)
    const key = keys.peek(jws, config.clock.now())
    if (!key) reject(jws)
    return key ?? keys.take(jws)
  }

  function verifyBy(
    jws: CompactJws,
    key: VerificationKey,
    trace: VerificationTrace,
  ): ReadClaims | Promise<ReadClaims> {
    trace.step = 'signature'
    return verifySignature(jws, key, (verifiedClaims) => {
      trace.step = 'claims'
      const claims = readClaims(verifiedClaims)
      cache?.keep(jws.bytes, key, claims, config.clock.now() / 1000)
      return claims
    })
  }

  return {
    steps: ['form', 'key', 'signature', 'claims'],
    verify(token, trace, request) {
      // Non-string tokens are rejected by `readCompactJws`.
      const known = typeof token === 'string' ? cache?.get(token, trace.now) : undefined
      const named = known?.content ?? parse(token, trace)
      trace.keyId = named.keyId
      // Reuses the time in `trace`: reading the wall clock costs a tenth of a decision.
      const key = keys.peek(named, Math.round(trace.now * 1000), request)
      // A cached token is valid only while its `kid` names the key that verified it.
      if (known && known.key === key) {
        if (isRead(named)) return named.claims
        const claims = readClaims(named.unverifiedClaims)
        known.content = { keyId: named.keyId, algorithm: named.algorithm, claims }
        return claims
      }
      const jws = isRead(named) ? parse(token, trace) : named
      if (key) return verifyBy(jws, key, trace)
      // The key is unknown, or the keys are too old to use without a refresh.
      return loadKey(jws, request).then((loaded) => verifyBy(jws, loaded, trace))
    },
    async verifyOffline(token, trace) {
      const jws = parse(token, trace)
      trace.keyId = jws.keyId
      await keys.importOwn()
      const known = keys.peek(jws, config.clock.now())
      if (known) return verifyBy(jws, known, trace)
      // `verify` would fetch first, whatever the claims say.
      if (keys.mustRefresh({})) return undefined
      reject(jws)
      const key = keys.loadOffline(jws)
      return key && verifyBy(jws, key, trace)
    },
    ready: () => keys.ready(),
    health: () => keys.health(),
    get failure() {
      return keys.failure
    },
  }
}

/** Looks for an own member: a polluted `Object.prototype` must not pass off a parsed token as a read one. */
function isRead(named: CompactJws | ReadToken): named is ReadToken {
  return Object.hasOwn(named, 'claims')
}
