import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { takeList, takeOptions } from '@portvakt/core/internal'
import type { JWK } from 'jose'
import type { MockDelegation } from '../altinn/altinn.js'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { checkText, takeScopeNames } from '../text-options.js'

/** A client to register. */
export interface MockClientRegistration {
  /** The number of the organisation that owns the client. Default 314330897. */
  readonly organisationNumber?: string
  /** The client id. Default: a new UUID. */
  readonly clientId?: string
  /** The scopes that the client can request. Default: none. */
  readonly scopes?: readonly string[]
  /** A public JWK with `kid`, for a client that manages its own key. Default: the mock makes a key pair. */
  readonly jwk?: JWK
  /**
   * How the client signs: `'key'`, the default, with a registered key; `'certificate'` with the enterprise
   * certificate of its organisation (`x5c`).
   */
  readonly authentication?: 'key' | 'certificate'
  /** The integration type. Default `maskinporten`. A scope can exclude other types. */
  readonly integrationType?: string
  /** Delegations to the client's organisation. The client can then name their consumers in `consumer_org`. */
  readonly delegations?: readonly MockDelegation[]
}

export interface ClientKeys {
  readonly publicJwk: JWK & { readonly kid: string }
  /** The private key; undefined unless the mock made the key pair. */
  readonly privateJwk: JWK | undefined
}

export interface RegisteredClient {
  readonly clientId: string
  readonly organisationNumber: string
  readonly integrationType: string
  /** The client's keys; undefined for a client with a certificate. */
  readonly keys: ClientKeys | undefined
  /** When the client's key was registered, in milliseconds since the epoch. Registered keys expire. */
  readonly keysSince: number
}

/**
 * @param owner the organisation that owns the client by default
 * @param now milliseconds since the epoch
 * @throws {TypeError} naming the wrong option
 */
export function readRegistration(registration: MockClientRegistration, owner: string, now: number) {
  const names = ['organisationNumber', 'clientId', 'scopes', 'jwk', 'authentication'] as const
  const taken = takeOptions(registration, [...names, 'integrationType', 'delegations'], 'A client')
  const { organisationNumber = owner, clientId = randomUUID(), authentication = 'key' } = taken
  const { integrationType = 'maskinporten', jwk, scopes = [], delegations = [] } = taken
  checkOrganisationNumber(organisationNumber, 'organisationNumber')
  checkText(clientId, 'clientId')
  checkText(integrationType, 'integrationType')
  if (authentication !== 'key' && authentication !== 'certificate')
    throw new TypeError("`authentication` must be 'key' or 'certificate'")
  if (authentication === 'certificate' && jwk !== undefined)
    throw new TypeError('A client with a certificate has no registered key: leave `jwk` out')
  const keys = authentication === 'key' ? keysOf(jwk) : () => undefined
  const client: RegisteredClient = Object.freeze({
    clientId,
    organisationNumber,
    integrationType,
    // A caller can change its copy, but not the registered keys.
    get keys() {
      return structuredClone(keys())
    },
    keysSince: now,
  })
  return { client, scopes: takeScopeNames(scopes), delegations: takeList(delegations, 'delegations') }
}

/**
 * Returns a function that returns the client's keys. Checks a given key at once. Makes a new key only when
 * the keys are first read, because making a key is slow.
 *
 * @throws {TypeError}
 */
function keysOf(given: JWK | undefined): () => ClientKeys {
  if (given === undefined) {
    let made: ClientKeys | undefined
    return () => (made ??= makeKeys())
  }
  const { kid, kty, n, e, d } = takeOptions(given, 'any', '`jwk`')
  if (kty !== 'RSA' || typeof kid !== 'string' || !kid || !n || !e)
    throw new TypeError('`jwk` must be a public RSA key with kid, n and e')
  // https://docs.digdir.no/docs/idporten/oidc/oidc_func_clientreg
  if (!/^[A-Za-z0-9._-]+$/.test(kid))
    throw new TypeError('The `kid` of `jwk` must be letters, digits, and the characters . _ -')
  if (d !== undefined) throw new TypeError('`jwk` is a private key; register its public part')
  if (bitsOf({ kty, n, e }) < 2048) throw new TypeError('`jwk` must be an RSA key of at least 2048 bits')
  return () => ({ publicJwk: { kid, kty, n, e }, privateJwk: undefined })
}

/** Returns the length of the modulus in bits, or zero for an invalid key. */
function bitsOf(key: { kty: string; n: string; e: string }): number {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0
  } catch {
    return 0
  }
}

/** Makes keys as NAIS does: RSA of 2048 bits, with a UUID as `kid`. */
function makeKeys(): ClientKeys {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const names = { use: 'sig', alg: 'RS256', kid: randomUUID() }
  return {
    publicJwk: { ...names, ...publicKey.export({ format: 'jwk' }) },
    privateJwk: { ...names, ...privateKey.export({ format: 'jwk' }) },
  }
}
