import { createPublicKey, type KeyObject } from 'node:crypto'
import { Inactive, type Json, readBase64url } from './jwt.js'

/** The parts of a key that Texas uses. */
export interface TexasKey {
  readonly isRsa: boolean
  readonly key: KeyObject | undefined
}

/** The members that a key must have, by its type. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  oct: ['k'],
}
const USES = ['sig', 'enc']
const ALGORITHMS = /^(?:[HREP]S(?:256|384|512)|EdDSA|RSA1_5|RSA-OAEP(?:-256)?)$/

/**
 * Reads a key set as Texas does, regardless of the status of the answer.
 *
 * @throws {Inactive} with Texas's error for an unreadable key set
 */
export async function readTexasKeys(response: Response): Promise<ReadonlyMap<string, TexasKey>> {
  const body: unknown = await response.json().catch(() => undefined)
  const given = membersOf(body)?.['keys']
  if (!Array.isArray(given)) throw undecodable()
  const keys = given.map(readKey).filter((key) => key !== undefined)
  return new Map(
    keys.map((key) => {
      const { kid } = key
      // Texas accepts an empty `kid`.
      if (typeof kid !== 'string') throw new Inactive('json web key set has key with blank key id')
      return [kid, importKey(key)]
    }),
  )
}

/**
 * Reads a key. Returns undefined for a key with an unknown `use` or `alg`, because Texas ignores such a key.
 */
function readKey(given: unknown): Json | undefined {
  const key = membersOf(given)
  const { kty, kid, use, alg } = key ?? {}
  const required = typeof kty === 'string' && Object.hasOwn(REQUIRED, kty) ? REQUIRED[kty] : undefined
  if (!key || !required?.every((name) => typeof key[name] === 'string')) throw undecodable()
  if (kid !== undefined && kid !== null && typeof kid !== 'string') throw undecodable()
  const isKnown =
    (use === undefined || USES.includes(String(use))) && (alg === undefined || ALGORITHMS.test(String(alg)))
  return isKnown ? key : undefined
}

/** Imports a key. Drops `use` and `alg`, because Texas does not compare them with a token's header. */
function importKey({ kty, n, e }: Json): TexasKey {
  if (kty !== 'RSA') return { isRsa: false, key: undefined }
  for (const part of [n, e]) readBase64url(String(part), 'invalid public jwk')
  try {
    const jwk = { kty: 'RSA', n: String(n), e: String(e) }
    return { isRsa: true, key: createPublicKey({ key: jwk, format: 'jwk' }) }
  } catch {
    // Texas keeps an invalid key, but no signature can be valid with it.
    return { isRsa: true, key: undefined }
  }
}

function membersOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

const undecodable = () => new Inactive('decode json: error decoding response body')
