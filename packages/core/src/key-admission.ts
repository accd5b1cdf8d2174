import { type CryptoKey, importJWK } from 'jose'
import { base64urlBytes, isKeyId, type SignatureAlgorithm } from './compact-jws.js'
import { isObject, type JsonObject, own } from './json.js'

/** Imported keys: by their name, then by the algorithm that each may serve. */
export type AdmittedKeys = ReadonlyMap<string, AdmittedKey>

/** One published key. */
export interface AdmittedKey {
  readonly byAlgorithm: ReadonlyMap<SignatureAlgorithm, CryptoKey>
}

interface Candidate {
  readonly modulus: string
  readonly algorithms: Set<SignatureAlgorithm>
}

/** Whether a set holds a key that would be admitted: a static set without one is a mistake to report at once. */
export function hasUsableKey(jwks: unknown, algorithms: readonly SignatureAlgorithm[]): boolean {
  return entriesOf(jwks).some((entry) => readKey(entry, algorithms) !== undefined)
}

function entriesOf(jwks: unknown): readonly unknown[] {
  const entries: unknown = isObject(jwks) ? own(jwks, 'keys') : undefined
  return Array.isArray(entries) ? entries : []
}

/**
 * Takes the usable keys out of a JWK set. A bad entry is skipped and never spoils the set; a set without a
 * single usable key gives an empty map, which the caller treats as a failed fetch.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5 unusable entries are ignored
 */
export async function admitKeys(
  jwks: unknown,
  algorithms: readonly SignatureAlgorithm[],
): Promise<AdmittedKeys> {
  const candidates = new Map<string, Candidate | 'ambiguous'>()
  for (const entry of entriesOf(jwks)) {
    const key = readKey(entry, algorithms)
    if (!key) continue
    const known = candidates.get(key.keyId)
    if (known === undefined)
      candidates.set(key.keyId, { modulus: key.modulus, algorithms: new Set(key.algorithms) })
    // One name for two keys: whichever we chose could be the wrong one, so neither is used.
    else if (known === 'ambiguous' || known.modulus !== key.modulus) candidates.set(key.keyId, 'ambiguous')
    else for (const algorithm of key.algorithms) known.algorithms.add(algorithm)
  }

  const admitted = new Map<string, AdmittedKey>()
  for (const [keyId, candidate] of candidates) {
    const byAlgorithm = candidate === 'ambiguous' ? undefined : await importFor(candidate)
    if (byAlgorithm) admitted.set(keyId, Object.freeze({ byAlgorithm }))
  }
  return admitted
}

/** A key is imported once for each algorithm that it may serve, so that no token can choose. */
async function importFor({
  modulus,
  algorithms,
}: Candidate): Promise<AdmittedKey['byAlgorithm'] | undefined> {
  const imported = new Map<SignatureAlgorithm, CryptoKey>()
  try {
    for (const algorithm of algorithms) {
      const key = await importJWK({ kty: 'RSA', n: modulus, e: EXPONENT_65537 }, algorithm)
      if (!(key instanceof Uint8Array)) imported.set(algorithm, key)
    }
  } catch {
    // The platform refuses a key that we would admit: the same as unusable.
    return undefined
  }
  return imported
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const EXPONENT_65537 = 'AQAB'

function readKey(entry: unknown, algorithms: readonly SignatureAlgorithm[]) {
  if (!isObject(entry)) return undefined
  const keyId = own(entry, 'kid')
  const modulus = own(entry, 'n')
  if (own(entry, 'kty') !== 'RSA' || !isKeyId(keyId)) return undefined
  // RFC 7517 §9.3: whoever publishes a private key has lost it.
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(entry, member))) return undefined
  if (!isForVerifying(entry)) return undefined
  // With an exponent of 1 everybody can sign; the platform's crypto accepts even that.
  if (own(entry, 'e') !== EXPONENT_65537 || !isModulus(modulus)) return undefined

  // RFC 8725 §3.1: a key that names its algorithm serves no other. One that names none serves each of ours.
  const alg = own(entry, 'alg')
  const served = algorithms.filter((algorithm) => alg === undefined || alg === algorithm)
  return served.length > 0 ? { keyId, modulus, algorithms: served } : undefined
}

/** RFC 7517 §4.2 and §4.3: absent, or consistent with verifying signatures. */
function isForVerifying(entry: JsonObject): boolean {
  const use = own(entry, 'use')
  const operations = own(entry, 'key_ops')
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

/** 2048 to 8192 bits (RFC 7518 §3.3 sets the lower bound; a larger key only makes refusing expensive). */
function isModulus(modulus: unknown): modulus is string {
  // 8192 bits are 1366 characters; the length is checked before anything is decoded.
  const bytes = typeof modulus === 'string' && modulus.length <= 1400 ? base64urlBytes(modulus) : undefined
  if (!bytes) return false
  // RFC 7518 §2 wants no leading zero octets; some publishers have them, and they change nothing.
  const start = bytes.findIndex((byte) => byte !== 0)
  const bits = start < 0 ? 0 : (bytes.length - start) * 8 - (Math.clz32(bytes[start] ?? 0) - 24)
  const isOdd = ((bytes.at(-1) ?? 0) & 1) === 1
  return isOdd && bits >= 2048 && bits <= 8192
}
