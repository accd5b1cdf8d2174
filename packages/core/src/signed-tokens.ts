import type { CryptoKey } from 'jose'
import { readClaims, refuseHopeless } from './claims.js'
import { type CompactJws, readCompactJws } from './compact-jws.js'
import type { Config } from './config.js'
import { KeySet } from './key-set.js'
import { verifySignature } from './signature.js'
import type { Reading, TokenReader } from './token-reader.js'

/** Reads tokens by Maskinporten's own keys. */
export function signedTokens(config: Config): TokenReader {
  const keys = new KeySet({ ...config, isRequestScoped: isRequestScoped() })
  const hopeless = (jws: CompactJws) =>
    refuseHopeless(jws.unverifiedClaims, config.issuer, config, config.clock.now() / 1000)

  function spelt(token: string, reading: Reading): CompactJws {
    reading.step = 'spelling'
    const jws = readCompactJws(token, config)
    reading.keyId = jws.keyId
    reading.step = 'key'
    return jws
  }

  async function signed(jws: CompactJws, key: CryptoKey, reading: Reading) {
    reading.step = 'signature'
    const claims = await verifySignature(jws, key)
    reading.step = 'claims'
    return readClaims(claims)
  }

  return {
    steps: ['spelling', 'key', 'signature', 'claims'],
    async read(token, reading, waitUntil) {
      const jws = spelt(token, reading)
      return signed(jws, await keys.find(jws, hopeless, waitUntil), reading)
    },
    async readAtHand(token, reading) {
      const jws = spelt(token, reading)
      const key = await keys.findAtHand(jws, hopeless)
      return key && signed(jws, key, reading)
    },
    ready: () => keys.ready(),
    health: () => keys.health(),
    get failure() {
      return keys.failure
    },
  }
}

/** Cloudflare Workers: I/O belongs to the request that began it. */
function isRequestScoped(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
