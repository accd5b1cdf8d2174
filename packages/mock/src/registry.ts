import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { DEFAULT_LIFETIME } from './access-token.js'
import { listOf, refuseUnknown } from './options.js'
import { isOrganisationNumber } from './organisation-claim.js'

/** A scope that a provider exposes. */
export interface MockScope {
  /** The full name, for example `nav:helse/sykepenger/afp.read`. */
  readonly name: string
  /** The organisation numbers that were granted it. Default `'all'`, as with `accessibleForAll`. */
  readonly consumers?: readonly string[] | 'all'
  /** `at_max_age`: the longest life of a token with this scope, in whole seconds. Default 120. */
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

/** What one organisation has let another do on its behalf. */
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

const SCOPE: Record<keyof MockScope, true> = { name: true, consumers: true, maxAge: true }
const DELEGATION: Record<keyof MockDelegation, true> = { consumer: true, scopes: true }
const CLIENT: Record<keyof MockClientRegistration, true> = {
  organisationNumber: true,
  clientId: true,
  scopes: true,
  jwk: true,
  delegations: true,
}

/** What self-service at Digdir would hold: scopes with their grants, and clients. */
export class Registry {
  readonly #scopes = new Map<string, Required<MockScope>>()
  readonly #clients = new Map<string, RegisteredClient>()

  /** @throws {TypeError} naming what is wrong */
  addScope(scope: MockScope): void {
    refuseUnknown(scope, SCOPE, 'A scope')
    const { name, consumers = 'all', maxAge = DEFAULT_LIFETIME } = scope
    if (typeof name !== 'string' || !/^[^:\s]+:\S+$/.test(name)) {
      throw new TypeError('A scope needs a full `name`, prefix:subscope')
    }
    const granted = consumers === 'all' ? consumers : listOf(consumers, 'consumers')
    if (granted !== 'all' && !granted.every(isOrganisationNumber)) {
      throw new TypeError(`The \`consumers\` of ${name} must be organisation numbers (nine digits), or 'all'`)
    }
    if (!Number.isInteger(maxAge) || maxAge < 1 || maxAge > 3600) {
      throw new TypeError(`The \`maxAge\` of ${name} must be from 1 to 3600 whole seconds`)
    }
    this.#scopes.set(name, { name, consumers: granted, maxAge })
  }

  /** @throws {TypeError} naming what is wrong */
  addClient(registration: MockClientRegistration, owner: string, everyScope = false): RegisteredClient {
    refuseUnknown(registration, CLIENT, 'A client')
    const { organisationNumber = owner, clientId = randomUUID() } = registration
    const scopes = listOf(registration.scopes ?? [], 'scopes')
    const delegations = listOf(registration.delegations ?? [], 'delegations').map((delegation) => {
      refuseUnknown(delegation, DELEGATION, 'A delegation')
      return { consumer: delegation.consumer, scopes: listOf(delegation.scopes, 'scopes') }
    })
    for (const number of [organisationNumber, ...delegations.map(({ consumer }) => consumer)]) {
      if (!isOrganisationNumber(number))
        throw new TypeError(`"${number}" is not an organisation number (nine digits)`)
    }
    if (typeof clientId !== 'string' || clientId === '')
      throw new TypeError('`clientId` must be a non-empty string')
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

  scope(name: string): Required<MockScope> | undefined {
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
  if (bitsOf({ kty, n, e }) < 2048) throw new TypeError('`jwk` must be an RSA key of at least 2048 bits')
  return () => ({ publicJwk: { kid, kty, n, e }, privateJwk: undefined })
}

/** Zero for what is no key. */
function bitsOf(key: { kty: string; n: string; e: string }): number {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0
  } catch {
    return 0
  }
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
