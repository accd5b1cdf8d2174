import { importJWK } from 'jose'
import { rsaVerifier } from '#verify-rsa'
import type { KeyProblem } from '../errors/key-problem.js'
import { base64urlBytes, isKeyId, type SignatureAlgorithm } from '../jws/compact-jws.js'
import type { VerificationKey } from '../jws/verify-signature.js'
import { isObject, type JsonObject, own } from '../platform/json.js'

/** Imported keys, by `kid` and then by algorithm. */
export type UsableKeys = ReadonlyMap<string, ReadonlyMap<SignatureAlgorithm, VerificationKey>>

/** A published key that is not used. */
export interface UnusableKey {
  /** `kid`; undefined when missing or malformed. */
  readonly keyId: string | undefined
  readonly problem: KeyProblem
}

interface Candidate {
  readonly modulus: string
  readonly algorithms: Set<SignatureAlgorithm>
}

export function hasUsableKey(jwks: unknown, algorithms: readonly SignatureAlgorithm[]): boolean {
  return entriesOf(jwks).some((entry) => !isUnusable(readKey(entry, algorithms)))
}

function entriesOf(jwks: unknown): readonly unknown[] {
  const entries: unknown = isObject(jwks) ? own(jwks, 'keys') : undefined
  return Array.isArray(entries) ? entries : []
}

/**
 * Imports the usable keys of a JWK set. Lists unusable keys in the order of the set, except that keys with a
 * shared `kid` and keys that failed to import come last.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5 unusable entries are ignored
 */
export async function importKeys(jwks: unknown, algorithms: readonly SignatureAlgorithm[]) {
  const candidates = new Map<string, Candidate | undefined>()
  const unusable: UnusableKey[] = []
  for (const entry of entriesOf(jwks)) {
    const key = readKey(entry, algorithms)
    if (isUnusable(key)) {
      unusable.push(Object.freeze(key))
      continue
    }
    const known = candidates.get(key.keyId)
    if (!candidates.has(key.keyId))
      candidates.set(key.keyId, { modulus: key.modulus, algorithms: new Set(key.algorithms) })
    // Two keys share the `kid`: either could be the wrong one, so neither is used.
    else if (known?.modulus !== key.modulus) candidates.set(key.keyId, undefined)
    else for (const algorithm of key.algorithms) known.algorithms.add(algorithm)
  }

  const keys = new Map<string, ReadonlyMap<SignatureAlgorithm, VerificationKey>>()
  for (const [keyId, candidate] of candidates) {
    const byAlgorithm = candidate ? await importFor(candidate) : 'shared_key_id'
    if (typeof byAlgorithm === 'string') unusable.push(Object.freeze({ keyId, problem: byAlgorithm }))
    else keys.set(keyId, byAlgorithm)
  }
  return { keys, unusable }
}

/** A key is imported once per algorithm, because an imported key has one algorithm (RFC 8725 §3.1). */
async function importFor({ modulus, algorithms }: Candidate) {
  const imported = new Map<SignatureAlgorithm, VerificationKey>()
  try {
    for (const algorithm of algorithms) {
      const key = await importJWK({ kty: 'RSA', n: modulus, e: EXPONENT_65537 }, algorithm, {
        extractable: true,
      })
      if (!(key instanceof Uint8Array)) imported.set(algorithm, { algorithm, verify: rsaVerifier(key) })
    }
  } catch {
    // The runtime can reject a key that `readKey` accepts.
    return 'not_importable'
  }
  return imported
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const EXPONENT_65537 = 'AQAB'

/** `null` counts as absent: some issuers write `null` for a missing member. */
function memberOf(entry: JsonObject, name: string): unknown {
  return own(entry, name) ?? undefined
}

/** Looks for an own member, which a polluted `Object.prototype` does not supply. */
function isUnusable(key: object): key is UnusableKey {
  return Object.hasOwn(key, 'problem')
}

function readKey(entry: unknown, algorithms: readonly SignatureAlgorithm[]) {
  const read = isObject(entry) ? memberOf(entry, 'kid') : undefined
  const keyId = isKeyId(read) ? read : undefined
  const unusable = (problem: KeyProblem): UnusableKey => ({ keyId, problem })

  if (!isObject(entry) || memberOf(entry, 'kty') !== 'RSA') return unusable('not_rsa')
  if (keyId === undefined) return unusable('no_key_id')
  // A published private key is no longer secret (RFC 7517 §9.3).
  if (PRIVATE_MEMBERS.some((member) => memberOf(entry, member) !== undefined)) return unusable('private_key')
  if (!isForVerifying(entry)) return unusable('not_for_verifying')
  // With an exponent of 1, an attacker could sign, and the runtime's cryptography accepts such a key.
  if (memberOf(entry, 'e') !== EXPONENT_65537) return unusable('wrong_exponent')
  const modulus = memberOf(entry, 'n')
  if (!isModulus(modulus)) return unusable('wrong_modulus')

  // A key with `alg` is used only for that algorithm (RFC 8725 §3.1). A key without `alg` is used for every
  // accepted algorithm.
  const alg = memberOf(entry, 'alg')
  const served = algorithms.filter((algorithm) => alg === undefined || alg === algorithm)
  return served.length > 0 ? { keyId, modulus, algorithms: served } : unusable('wrong_algorithm')
}

/** Checks `use` and `key_ops` (RFC 7517 §4.2 and §4.3). */
function isForVerifying(entry: JsonObject): boolean {
  const use = memberOf(entry, 'use')
  const operations = memberOf(entry, 'key_ops')
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

const ascii = new TextEncoder()

/** Accepts 2048 (RFC 7518 §3.3) to 8192 bits: longer keys make forged tokens expensive to refuse. */
function isModulus(modulus: unknown): modulus is string {
  // The length is checked before decoding. 8192 bits are 1366 characters of base64url.
  const bytes =
    typeof modulus === 'string' && modulus.length <= 1400 ? base64urlBytes(ascii.encode(modulus)) : undefined
  if (!bytes) return false
  // Some issuers write leading zero octets, against RFC 7518 §2. Such octets are harmless.
  const start = bytes.findIndex((byte) => byte !== 0)
  const bits = (bytes.length - start) * 8 - (Math.clz32(bytes[start] ?? 0) - 24)
  const isOdd = ((bytes.at(-1) ?? 0) & 1) === 1
  return isOdd && bits >= 2048 && bits <= 8192
}
