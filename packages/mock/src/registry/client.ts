import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { takeList, takeOptions } from '@portvakt/core/internal'
import type { JWK } from 'jose'
import type { MockDelegation } from '../altinn/altinn.js'
import { checkOrganisationNumber } from '../organisation-claim.js'

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
  /**
   * How it proves who it is: with its registered key, or with its organisation's enterprise certificate
   * (`x5c`), and then no key is registered. Default `'key'`.
   */
  readonly authentication?: 'key' | 'certificate'
  /** What kind of client it is: `maskinporten` by default; scopes may be kept from other kinds. */
  readonly integrationType?: string
  /** Organisations that have delegated scopes to this one, which may then name them as `consumer_org`. */
  readonly delegations?: readonly MockDelegation[]
}

/** The key that a client is registered with. */
export interface ClientKeys {
  readonly publicJwk: JWK & { readonly kid: string }
  /** Only where the mock made the key pair. */
  readonly privateJwk: JWK | undefined
}

/** A registered client, as the token endpoint knows it. */
export interface RegisteredClient {
  readonly clientId: string
  readonly organisationNumber: string
  readonly integrationType: string
  /** Undefined for a client that has a certificate instead. */
  readonly keys: ClientKeys | undefined
  /** When its key was registered, in milliseconds since the epoch: keys do not last for ever. */
  readonly keysSince: number
}

/**
 * @param owner the organisation that owns the client by default
 * @param now milliseconds since the epoch
 * @throws {TypeError} naming what is wrong
 */
export function readRegistration(registration: MockClientRegistration, owner: string, now: number) {
  const names = ['organisationNumber', 'clientId', 'scopes', 'jwk', 'authentication'] as const
  const taken = takeOptions(registration, [...names, 'integrationType', 'delegations'], 'A client')
  const { organisationNumber = owner, clientId = randomUUID(), authentication = 'key' } = taken
  const { integrationType = 'maskinporten', jwk, scopes = [], delegations = [] } = taken
  checkOrganisationNumber(organisationNumber, 'organisationNumber')
  for (const [option, value] of Object.entries({ clientId, integrationType })) {
    if (typeof value !== 'string' || value === '')
      throw new TypeError(`\`${option}\` must be a non-empty string`)
  }
  if (authentication !== 'key' && authentication !== 'certificate')
    throw new TypeError("`authentication` must be 'key' or 'certificate'")
  if (authentication === 'certificate' && jwk !== undefined)
    throw new TypeError('A client with a certificate has no registered key: leave `jwk` out')
  const keys = authentication === 'key' ? keysOf(jwk) : () => undefined
  const client: RegisteredClient = Object.freeze({
    clientId,
    organisationNumber,
    integrationType,
    get keys() {
      return keys()
    },
    keysSince: now,
  })
  return { client, scopes: takeList(scopes, 'scopes'), delegations: takeList(delegations, 'delegations') }
}

/**
 * A given key is checked at once; one of our own is made when it is first asked for, as that takes a while.
 *
 * @throws {TypeError} unless the given one is a public RSA key with a name
 */
function keysOf(given: JWK | undefined): () => ClientKeys {
  if (given === undefined) {
    let made: ClientKeys | undefined
    return () => {
      made ??= makeKeys()
      return made
    }
  }
  const { kid, kty, n, e, d } = takeOptions(given, 'any', '`jwk`')
  if (kty !== 'RSA' || !kid || !n || !e)
    throw new TypeError('`jwk` must be a public RSA key with kid, n and e')
  if (d !== undefined) throw new TypeError('`jwk` is a private key; register its public part')
  if (bitsOf({ kty, n, e }) < 2048) throw new TypeError('`jwk` must be an RSA key of at least 2048 bits')
  return () => ({ publicJwk: { kid, kty, n, e }, privateJwk: undefined })
}

/** Zero for an invalid key. */
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
