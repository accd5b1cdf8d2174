import { importJWK, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { JWT_BEARER } from '../maskinporten/endpoints.js'
import type { RegisteredClient } from '../registry/client.js'
import { TexasError, type TexasRequest } from './request.js'
import type { TexasUpstream } from './upstream.js'

/** @throws {TexasError} */
export function readWanted(request: TexasRequest) {
  return {
    target: request.text('target'),
    resource: request.optionalText('resource'),
    authorizationDetails: request.objects('authorization_details'),
  }
}

type Wanted = ReturnType<typeof readWanted>

interface Kept {
  readonly accessToken: string
  readonly expiresAt: number
  readonly keptUntil: number
}

/**
 * Gets tokens as Texas does, with an assertion that is signed with the client's key. Caches a token until two
 * minutes before the token expires. A token with a lifetime of at most two minutes, such as most of
 * Maskinporten's tokens, is cached for half its lifetime.
 */
export class TexasTokens {
  readonly #kept = new LRUCache<string, Promise<Kept>>({ max: 1000 })

  constructor(private readonly upstream: TexasUpstream) {}

  /**
   * Returns a token response as Texas does: without `scope`, and with the remaining lifetime of a cached token.
   *
   * @throws {TexasError} with the status and error of Maskinporten's answer
   */
  async tokenFor(client: RegisteredClient, wanted: Wanted, skipCache: boolean) {
    const { target, resource, authorizationDetails } = wanted
    const key = JSON.stringify([client.clientId, target, resource ?? null, authorizationDetails ?? null])
    if (skipCache) this.#kept.delete(key)
    const token = await this.#keptOrNew(key, () => this.#fetch(client, wanted))
    const left = Math.max(0, Math.floor((token.expiresAt - this.upstream.clock.now()) / 1000))
    return { access_token: token.accessToken, token_type: 'Bearer', expires_in: left }
  }

  async #keptOrNew(key: string, fetchToken: () => Promise<Kept>): Promise<Kept> {
    const kept = this.#kept.get(key)
    if (kept && this.upstream.clock.now() < (await kept).keptUntil) return kept
    const fetching = fetchToken()
    this.#kept.set(key, fetching)
    // A failure is not cached.
    fetching.catch(() => this.#kept.get(key) === fetching && this.#kept.delete(key))
    return fetching
  }

  async #fetch(client: RegisteredClient, wanted: Wanted): Promise<Kept> {
    const assertion = await this.#assertionOf(client, wanted)
    const requestedAt = this.upstream.clock.now()
    const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion })
    const response = await this.upstream.askTokenEndpoint({ method: 'POST', body }).catch(() => {
      const problem = `error sending request for url (${this.upstream.tokenEndpoint})`
      throw new TexasError(500, 'server_error', `Upstream request failed: ${problem}`)
    })
    const answer = await jsonOf(response)
    if (response.status >= 400) throw passedOn(response.status, answer)
    const { access_token: accessToken, token_type: type, expires_in: expiresIn } = answer
    // Texas accepts only `Bearer` in exactly this case, and requires `expires_in`.
    if (typeof accessToken !== 'string' || type !== 'Bearer' || typeof expiresIn !== 'number')
      throw undecodable()
    const lifetime = expiresIn * 1000
    const keep = expiresIn > 120 ? lifetime - 120_000 : lifetime / 2
    return { accessToken, expiresAt: requestedAt + lifetime, keptUntil: requestedAt + keep }
  }

  async #assertionOf(client: RegisteredClient, wanted: Wanted): Promise<string> {
    const { keys } = client
    if (!keys?.privateJwk) throw new TexasError(500, 'server_error', 'Failed to sign assertion')
    const now = Math.floor(this.upstream.clock.now() / 1000)
    return new SignJWT({
      iss: client.clientId,
      aud: this.upstream.issuer,
      scope: wanted.target,
      ...(wanted.resource !== undefined && { resource: wanted.resource }),
      ...(wanted.authorizationDetails && { authorization_details: wanted.authorizationDetails }),
      iat: now,
      nbf: now,
      exp: now + 30,
      jti: crypto.randomUUID(),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keys.publicJwk.kid })
      .sign(await importJWK(keys.privateJwk, 'RS256'))
  }
}

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json().catch(() => {
    throw undecodable()
  })
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

function passedOn(status: number, answer: Readonly<Record<string, unknown>>): TexasError {
  const { error, error_description: description } = answer
  if (typeof error === 'string' && typeof description === 'string')
    return new TexasError(status, error, description)
  return undecodable()
}

const undecodable = () =>
  new TexasError(500, 'server_error', 'Failed to parse JSON: error decoding response body')
