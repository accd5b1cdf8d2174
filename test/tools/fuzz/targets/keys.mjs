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
    for (const [algorithm, key] of byAlgorithm) {
      const { modulusLength, publicExponent, hash } = key.algorithm
      const isSound =
        modulusLength >= 2048 &&
        modulusLength <= 8192 &&
        Buffer.from(publicExponent).toString('hex') === '010001' &&
        key.type === 'public' &&
        hash.name === `SHA-${algorithm.slice(2)}`
      if (!isSound) throw new Error('Imported an unsuitable key')
    }
  }
}
