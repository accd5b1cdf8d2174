import type { JWK } from 'jose'
import type { MockDelegation } from './altinn/altinn.js'
import type { MockConsent } from './altinn/consent.js'
import type { AuthorizationDetail, MockSystemUser } from './altinn/system-user.js'
import type { BadTokenName } from './bad-tokens/bad-tokens.js'
import type { IssueCertificateOptions, MockCertificate } from './certificates/certificate-authority.js'
import type { Fault, FaultOptions, FaultyEndpoint } from './faults/faults.js'
import type { IssueTokenOptions } from './maskinporten/access-token.js'
import type { EndpointName } from './maskinporten/endpoints.js'
import type { ReceivedRequest } from './maskinporten/request-log.js'
import type { RotateKeysOptions } from './maskinporten/signing-keys.js'
import type { NaisManifest, ProvisionOptions } from './nais/manifest-source.js'
import type { ProvisionedApp } from './nais/provisioned-app.js'
import type { MockClientRegistration } from './registry/client.js'
import type { MockScope } from './registry/scope.js'

/** A client that was registered in the mock. */
export interface MockClient {
  readonly clientId: string
  readonly organisationNumber: string
  /** The private key, where the mock made it. */
  readonly jwk: JWK | undefined
  /** What NAIS would inject into the application that owns the client. */
  readonly env: Readonly<Record<string, string>>
}

/** Maskinporten in this process. */
export interface MockMaskinporten {
  readonly issuer: string
  /** A standard `fetch` that reaches this Maskinporten and opens no socket. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** The variables that NAIS injects, for validating and, with the default client, for acquiring. */
  readonly env: Readonly<Record<string, string>>

  /** Signs an access token directly, without client or grant. @throws {TypeError} */
  issueToken(options?: IssueTokenOptions): Promise<string>

  /**
   * A token that is good but for one thing: see {@link BAD_TOKENS}.
   *
   * @param options what the token would be if it were good, for example the scope that a route needs
   * @throws {TypeError} when there is no such kind of token, and for a wrong option
   * @example
   * const token = await mock.badToken('expired', { scope: 'nav:x.read' })
   */
  badToken(name: BadTokenName, options?: IssueTokenOptions): Promise<string>

  /** Signs with a new key from now on: the announced one, where there is one. @throws {TypeError} */
  rotateKeys(options?: RotateKeysOptions): Promise<void>
  /** Publishes a key before it is used: the next rotation uses it. */
  announceKey(): Promise<void>
  /** Publishes the keys that `rotateKeys({ publish: false })` held back. */
  publishKeys(): void
  /** The published keys. */
  jwks(): { keys: JWK[] }

  /** Exposes a scope. @throws {TypeError} */
  addScope(scope: MockScope): void
  /** Registers a client. @throws {TypeError} */
  addClient(registration?: MockClientRegistration): Promise<MockClient>
  /** Lets one organisation act for another. @throws {TypeError} */
  addDelegation(delegation: Required<MockDelegation>): void
  /** Registers a system user of a vendor's system. Returns the entry that tokens hold. @throws {TypeError} */
  addSystemUser(user: MockSystemUser): AuthorizationDetail
  /** Gives a consent. Returns the entry that tokens hold. @throws {TypeError} */
  addConsent(consent: MockConsent): AuthorizationDetail
  /** Issues a test enterprise certificate that this mock trusts. @throws {TypeError} */
  issueCertificate(options?: IssueCertificateOptions): Promise<MockCertificate>
  /**
   * Registers clients and scopes as manifests (nais.yaml) ask for them, all or nothing. Providers and consumers
   * go into one call, in any order.
   *
   * @param manifests paths, or objects with what differs from the others
   * @returns the apps that have Maskinporten enabled, in the order of the manifests
   * @throws {ManifestError} naming file, line and path of everything that is wrong
   * @throws {TypeError} naming the option that is wrong
   * @example
   * const [api, caller] = await mock.provision([
   *   'api/nais.yaml',
   *   { file: 'caller/nais.yaml', organisationNumber: '310385980', vars: { team: 'kst' } },
   * ])
   */
  provision(
    manifests: string | URL | NaisManifest | readonly (string | URL | NaisManifest)[],
    options?: ProvisionOptions,
  ): Promise<readonly ProvisionedApp[]>
  /** The apps that were provisioned. */
  readonly apps: readonly ProvisionedApp[]

  /**
   * Lets an endpoint fail. Several faults befall one endpoint one after the other, each as often as it was told.
   *
   * @returns takes the fault away again
   * @throws {TypeError} naming what is wrong
   * @example
   * mock.addFault('jwk', { status: 503 }, { times: 2 })
   */
  addFault(endpoint: FaultyEndpoint, fault: Fault, options?: FaultOptions): () => void
  /** Takes every fault away. */
  clearFaults(): void
  /** How often each endpoint was asked. */
  readonly requests: Readonly<Record<EndpointName, number>>
  /** What was asked, the oldest first, at most the last 1000. Holds no secrets. */
  readonly received: readonly ReceivedRequest[]
}

/** Maskinporten on a port of this machine. */
export interface ServedMockMaskinporten extends MockMaskinporten, AsyncDisposable {
  /** Where it is reached, with a trailing slash: the issuer, unless an `https:` issuer was given. */
  readonly url: string
  /** Stops serving and closes every connection. */
  close(): Promise<void>
  /** Lets the process end while the mock is served. */
  unref(): void
}
