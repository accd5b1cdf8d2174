// Key sets: only RSA keys of 2048 to 8192 bits for known algorithms are imported.
import { importKeys } from '../../../../packages/core/dist/keys/jwk-import.js'

const ALGORITHMS = ['RS256', 'RS384', 'RS512']

export async function fuzz(data) {
  let jwks
  try {
    jwks = JSON.parse(data.toString())
  } catch {
    return
  }
  for (const [keyId, byAlgorithm] of (await importKeys(jwks, ALGORITHMS)).keys) {
    if (typeof keyId !== 'string' || byAlgorithm.size === 0)
      throw new Error('Imported a key without a kid or an algorithm')
    // An imported key does not expose its modulus and exponent, so the published entry with its `kid` is
    // checked.
    const isSound = jwks.keys.some((entry) => entry?.kid === keyId && entry.e === 'AQAB' && isLong(entry.n))
    if (!isSound) throw new Error('Imported an unsuitable key')
    for (const [algorithm, key] of byAlgorithm) {
      const isBound = key.algorithm === algorithm && key.verify(DATA, SIGNATURE) === false
      if (!isBound) throw new Error('Imported a key for another algorithm, or one that accepts any signature')
    }
  }
}

const DATA = new Uint8Array(8)
const SIGNATURE = new Uint8Array(256)

function isLong(modulus) {
  if (typeof modulus !== 'string') return false
  const bits = BigInt(`0x0${Buffer.from(modulus, 'base64url').toString('hex')}`).toString(2).length
  return bits >= 2048 && bits <= 8192
}
