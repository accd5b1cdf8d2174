import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { isOrganisationNumber } from './organisation-claim.js'

/** A scope that a provider exposes. */
export interface MockScope {
  /** The full name, for example `nav:helse/sykepenger/afp.read`. */
  readonly name: string
  /** The organisation numbers that were granted it. Default `'all'`, as with `accessibleForAll`. */
  readonly consumers?: readonly string[] | 'all'
  /** `at_max_age`: the longest life of a token with this scope, in seconds. Default 120. */
  readonly maxAge?: number
}

/** A client to register. */
export interface MockClientRegistration {
  /** The organisation that owns it. Default 314330897. */
  readonly organisationNumber?: string
  /** Default a new UUID. */
  readonly clientId?: string
  /** The scopes registered on the client; it can ask for no others. Default none. */
  readonly scopes?: readonly string[]
  /** A public JWK with `kid`, for a client that keeps its own key. Default: a key pair is made. */
  readonly jwk?: JWK
  /** Organisations that have delegated scopes to this one, which may then name them as `consumer_org`. */
  readonly delegations?: readonly MockDelegation[]
}

export interface MockDelegation {
  /** The organisation number of the one that delegated. */
  readonly consumer: string
  readonly scopes: readonly string[]
}

/** A registered client, as the token endpoint knows it. */
export interface RegisteredClient {
  readonly clientId: string
  readonly organisationNumber: string
  /** Undefined for the default client, which may ask for every scope there is. */
  readonly scopes: readonly string[] | undefined
  readonly delegations: readonly MockDelegation[]
  readonly publicJwk: JWK & { readonly kid: string }
  /** Only where the mock made the key pair. */
  readonly privateJwk: JWK | undefined
}

/** What self-service at Digdir would hold: scopes with their grants, and clients. */
export class Registry {
  readonly #scopes = new Map<string, MockScope>()
  readonly #clients = new Map<string, RegisteredClient>()

  /** @throws {TypeError} naming what is wrong */
  addScope(scope: MockScope): void {
    if (typeof scope?.name !== 'string' || !/^[^:\s]+:\S+$/.test(scope.name)) {
      throw new TypeError('A scope needs a full `name`, prefix:subscope')
    }
    if (
      scope.consumers !== undefined &&
      scope.consumers !== 'all' &&
      !scope.consumers.every(isOrganisationNumber)
    ) {
      throw new TypeError(
        `The \`consumers\` of ${scope.name} must be organisation numbers (nine digits), or 'all'`,
      )
    }
    if (scope.maxAge !== undefined && !(scope.maxAge > 0 && scope.maxAge <= 3600)) {
      throw new TypeError(`The \`maxAge\` of ${scope.name} must be from 1 to 3600 seconds`)
    }
    this.#scopes.set(scope.name, Object.freeze({ ...scope }))
  }

  /** @throws {TypeError} naming what is wrong */
  addClient(registration: MockClientRegistration, owner: string, everyScope = false): RegisteredClient {
    const {
      organisationNumber = owner,
      clientId = randomUUID(),
      scopes = [],
      delegations = [],
    } = registration
    for (const number of [organisationNumber, ...delegations.map(({ consumer }) => consumer)]) {
      if (!isOrganisationNumber(number))
        throw new TypeError(`"${number}" is not an organisation number (nine digits)`)
    }
    if (this.#clients.has(clientId)) throw new TypeError(`There is a client ${clientId} already`)
    const keys = keysOf(registration.jwk)
    const client: RegisteredClient = Object.freeze({
      clientId,
      organisationNumber,
      scopes: everyScope ? undefined : scopes,
      delegations,
      get publicJwk() {
        return keys().publicJwk
      },
      get privateJwk() {
        return keys().privateJwk
      },
    })
    this.#clients.set(clientId, client)
    return client
  }

  scope(name: string): MockScope | undefined {
    return this.#scopes.get(name)
  }

  client(clientId: unknown): RegisteredClient | undefined {
    return typeof clientId === 'string' ? this.#clients.get(clientId) : undefined
  }

  /** The scopes that a client can ask for. */
  scopesOf(client: RegisteredClient): readonly string[] {
    return client.scopes ?? [...this.#scopes.keys()]
  }
}

type ClientKeys = Pick<RegisteredClient, 'publicJwk' | 'privateJwk'>

/** A given key is checked at once; one of our own is made when it is first asked for, as that takes a while. */
function keysOf(given: JWK | undefined): () => ClientKeys {
  if (given === undefined) {
    let made: ClientKeys | undefined
    return () => {
      made ??= makeKeys()
      return made
    }
  }
  const { kid, kty, n, e } = given
  if (kty !== 'RSA' || !kid || !n || !e) {
    throw new TypeError('`jwk` must be a public RSA key with kid, n and e')
  }
  if ('d' in given) throw new TypeError('`jwk` is a private key; register its public part')
  return () => ({ publicJwk: { kid, kty, n, e }, privateJwk: undefined })
}

/** What NAIS makes for a client: RSA with 2048 bits, named by a UUID. */
function makeKeys(): ClientKeys {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const names = { use: 'sig', alg: 'RS256', kid: randomUUID() }
  return {
    publicJwk: { ...names, ...publicKey.export({ format: 'jwk' }) },
    privateJwk: { ...names, ...privateKey.export({ format: 'jwk' }) },
  }
}
