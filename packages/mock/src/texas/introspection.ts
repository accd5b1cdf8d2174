import { verify } from 'node:crypto'
import { Inactive, type Json, readBase64url, readJson, readTexasJwt } from './jwt.js'
import { readTexasKeys, type TexasKey } from './keys.js'
import type { TexasUpstream } from './upstream.js'

/** Seconds by which clocks can differ, as in Texas. */
const LEEWAY = 60

/**
 * Introspects tokens as Texas does. Texas accepts only RS256, requires `iss`, `exp` and `iat`, and does not
 * check audience or scope. If keys cannot be fetched, the token is inactive.
 */
export class TexasIntrospection {
  #keys: ReadonlyMap<string, TexasKey> = new Map()

  constructor(private readonly upstream: TexasUpstream) {}

  /**
   * Returns the verdict, and the body of the answer. The body is text, because it can contain `active` twice:
   * Texas appends every claim after its own `active`, even a claim named `active`.
   */
  async introspect(token: string): Promise<{ readonly isActive: boolean; readonly body: string }> {
    try {
      const claims = JSON.stringify(await this.#claimsOf(token))
      return { isActive: true, body: `{"active":true,${claims.slice(1)}` }
    } catch (error) {
      if (error instanceof Inactive) return inactive(error.message)
      throw error
    }
  }

  async #claimsOf(token: string): Promise<Json> {
    const jwt = readTexasJwt(token)
    const { keyId } = jwt
    if (keyId === undefined) throw new Inactive('missing key id from token header')
    if (!this.#keys.has(keyId)) this.#keys = await this.#fetchKeys()
    const key = this.#keys.get(keyId)
    if (!key) throw new Inactive('token can not be validated with this identity provider')
    verifySignature(jwt, key)
    const claims = readJson(jwt.payload, 'invalid token', 'a map')
    this.#checkClaims(claims)
    return claims
  }

  async #fetchKeys(): Promise<ReadonlyMap<string, TexasKey>> {
    const { jwksUri } = this.upstream
    const response = await this.upstream.fetchKeys().catch(() => {
      throw new Inactive(`fetch: Middleware(error sending request for url (${jwksUri}))`)
    })
    return readTexasKeys(response)
  }

  #checkClaims({ iss, exp, nbf, iat }: Json): void {
    const now = Math.floor(this.upstream.clock.now() / 1000)
    // One correct issuer in a list of issuers is enough for Texas.
    const issuers: readonly unknown[] = Array.isArray(iss) ? iss : [iss]
    if (!issuers.every((one) => typeof one === 'string')) throw missing('iss')
    if (!isTime(exp)) throw missing('exp')
    if (exp < now - LEEWAY) throw new Inactive('invalid token: ExpiredSignature')
    if (nbf !== undefined && !isTime(nbf)) throw new Inactive('invalid token: Invalid format for claim: nbf')
    if (nbf !== undefined && nbf > now + LEEWAY) throw new Inactive('invalid token: ImmatureSignature')
    if (!issuers.includes(this.upstream.issuer)) throw new Inactive('invalid token: InvalidIssuer')
    if (!isTime(iat) || !Number.isInteger(iat)) throw missing('iat')
    if (iat > now + LEEWAY) throw new Inactive('invalid token: ImmatureSignature')
  }
}

/** Returns Texas's answer about a token that is not active. */
export function inactive(error: string) {
  return { isActive: false, body: JSON.stringify({ active: false, error }) }
}

const missing = (claim: string) => new Inactive(`invalid token: Missing required claim: ${claim}`)

/** Whether the value is a number within an unsigned 64-bit integer's range. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 2 ** 64
}

function verifySignature(
  { algorithm, message, signature }: ReturnType<typeof readTexasJwt>,
  { isRsa, key }: TexasKey,
): void {
  if (algorithm !== 'RS256' || !isRsa) throw new Inactive('invalid token: InvalidAlgorithm')
  const bytes = readBase64url(signature, 'invalid token')
  if (!key || !verify('sha256', Buffer.from(message), key, bytes))
    throw new Inactive('invalid token: InvalidSignature')
}
