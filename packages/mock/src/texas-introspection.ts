import type { Clock } from '@portvakt/core'
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'

/** What Texas says of a token: its claims as they are, or why it is none. */
export type Introspection =
  | { readonly active: true; readonly [claim: string]: unknown }
  | { readonly active: false; readonly error: string }

/** Seconds that Texas lets clocks differ. */
const LEEWAY = 60

/**
 * Judges tokens as Texas does: RS256 only, `iss`, `exp` and `iat` required, no audience, no scope, and sixty
 * seconds of leeway. A key set that cannot be fetched makes a token inactive, like everything else.
 */
export class TexasIntrospection {
  #keys = new Map<string, JWK>()

  constructor(
    private readonly clock: Clock,
    private readonly issuer: string,
    private readonly fetchKeys: () => Promise<Response>,
  ) {}

  async introspect(token: string): Promise<Introspection> {
    try {
      return { ...(await this.#claimsOf(token)), active: true }
    } catch (error) {
      if (error instanceof Inactive) return { active: false, error: error.message }
      throw error
    }
  }

  async #claimsOf(token: string): Promise<Readonly<Record<string, unknown>>> {
    const { kid, alg } = headerOf(token)
    if (kid === undefined) throw new Inactive('missing key id from token header')
    if (!this.#keys.has(kid)) await this.#refresh()
    const key = this.#keys.get(kid)
    if (!key) throw new Inactive('token can not be validated with this identity provider')
    if (alg !== 'RS256') throw new Inactive('invalid token: InvalidAlgorithm')
    const claims = await verified(token, key)
    this.#checkClaims(claims)
    return claims
  }

  async #refresh(): Promise<void> {
    const response = await this.fetchKeys().catch(() => {
      throw new Inactive('fetch: Request error: error sending request')
    })
    if (!response.ok) throw new Inactive(`fetch: Request error: HTTP status ${response.status}`)
    const body: unknown = await response.json().catch(() => {
      throw new Inactive('decode json: error decoding response body')
    })
    this.#keys = new Map(keysIn(body))
  }

  #checkClaims({ iss, exp, nbf, iat }: Readonly<Record<string, unknown>>): void {
    const now = Math.floor(this.clock.now() / 1000)
    if (exp === undefined) throw new Inactive('invalid token: Missing required claim: exp')
    if (iss === undefined) throw new Inactive('invalid token: Missing required claim: iss')
    if (typeof exp !== 'number' || exp < now - LEEWAY) throw new Inactive('invalid token: ExpiredSignature')
    if (typeof nbf === 'number' && nbf > now + LEEWAY) throw new Inactive('invalid token: ImmatureSignature')
    if (iss !== this.issuer) throw new Inactive('invalid token: InvalidIssuer')
    if (!Number.isInteger(iat)) throw new Inactive('invalid token: Missing required claim: iat')
    if (typeof iat === 'number' && iat > now + LEEWAY) throw new Inactive('invalid token: ImmatureSignature')
  }
}

/** Why a token is inactive, in Texas's words. */
class Inactive extends Error {}

function headerOf(token: string): { kid?: string | undefined; alg?: string | undefined } {
  try {
    const { kid, alg } = decodeProtectedHeader(token)
    return { kid, alg }
  } catch {
    throw new Inactive('invalid token header: InvalidToken')
  }
}

async function verified(token: string, key: JWK): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { payload } = await compactVerify(token, await importJWK(key, 'RS256'))
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    throw new Inactive('invalid token: InvalidSignature')
  }
}

function keysIn(body: unknown): [string, JWK][] {
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
  if (!Array.isArray(keys)) throw new Inactive('decode json: error decoding response body')
  return keys.map((key: JWK) => {
    if (!key.kid) throw new Inactive('json web key set has key with blank key id')
    return [key.kid, key]
  })
}
