import type { JWK } from 'jose'
import type { MockDelegation, MockServiceOwner } from './altinn/altinn.js'
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

/** A client that is registered in the mock. */
export interface MockClient {
  readonly clientId: string
  readonly organisationNumber: string
  /** The client's private key; undefined if the mock did not make it. */
  readonly jwk: JWK | undefined
  /** The variables that NAIS would inject into the client's application. */
  readonly env: Readonly<Record<string, string>>
}

/** A mock of Maskinporten in this process. */
export interface MockMaskinporten {
  readonly issuer: string
  /** A standard `fetch` that reaches this mock without a socket. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** The variables that NAIS injects: for validating tokens, and for getting tokens as the default client. */
  readonly env: Readonly<Record<string, string>>

  /** Signs an access token directly, without a client or a token request. @throws {TypeError} */
  issueToken(options?: IssueTokenOptions): Promise<string>

  /**
   * Makes a token with one defect: see {@link BAD_TOKENS}.
   *
   * @param options the content of the good token, for example the scope that a route requires
   * @throws {TypeError} for an unknown kind of token or a wrong option
   * @example
   * const token = await mock.badToken('expired', { scope: 'nav:x.read' })
   */
  badToken(name: BadTokenName, options?: IssueTokenOptions): Promise<string>

  /**
   * Rotates the signing keys. From now on, the announced key signs, or a new key if none was announced.
   *
   * @throws {TypeError}
   */
  rotateKeys(options?: RotateKeysOptions): Promise<void>
  /** Publishes a new key that does not sign yet. It signs after the next rotation. */
  announceKey(): Promise<void>
  /** Publishes the keys that `rotateKeys({ publish: false })` held back. */
  publishKeys(): void
  jwks(): { keys: JWK[] }

  /** @throws {TypeError} */
  addScope(scope: MockScope): void
  /** @throws {TypeError} */
  addClient(registration?: MockClientRegistration): Promise<MockClient>
  /** Lets one organisation act for another. @throws {TypeError} */
  addDelegation(delegation: Required<MockDelegation>): void
  /**
   * Registers a system user of a vendor's system. Returns the `authorization_details` entry of its tokens.
   *
   * @throws {TypeError}
   */
  addSystemUser(user: MockSystemUser): AuthorizationDetail
  /** Registers a consent. Returns the `authorization_details` entry of its tokens. @throws {TypeError} */
  addConsent(consent: MockConsent): AuthorizationDetail
  /**
   * Makes an organisation a service owner. Altinn tokens of this organisation then contain `urn:altinn:org`,
   * if their `scope` contains `altinn:serviceowner`.
   *
   * @throws {TypeError}
   */
  addServiceOwner(owner: MockServiceOwner): void
  /** Issues a test enterprise certificate that this mock trusts. @throws {TypeError} */
  issueCertificate(options?: IssueCertificateOptions): Promise<MockCertificate>
  /**
   * Registers the clients and scopes of manifests (nais.yaml), or none of them if there is a problem. Give
   * providers and consumers in one call, in any order.
   *
   * @param manifests paths, or objects with their own options
   * @returns the apps that have Maskinporten enabled, in the order of the manifests
   * @throws {ManifestError} naming the file, line and path of every problem
   * @throws {TypeError} naming the wrong option
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
  readonly apps: readonly ProvisionedApp[]

  /**
   * Makes an endpoint fail. If an endpoint has several faults, they apply in order, each for `times` requests.
   *
   * @returns a function that removes the fault
   * @throws {TypeError} naming the wrong option
   * @example
   * mock.addFault('jwk', { status: 503 }, { times: 2 })
   */
  addFault(endpoint: FaultyEndpoint, fault: Fault, options?: FaultOptions): () => void
  clearFaults(): void
  /** The number of requests to each endpoint. */
  readonly requests: Readonly<Record<EndpointName, number>>
  /** The last 1000 requests, oldest first. They contain no secrets. */
  readonly received: readonly ReceivedRequest[]
}

/** A mock of Maskinporten that is served on a port of this machine. */
export interface ServedMockMaskinporten extends MockMaskinporten, AsyncDisposable {
  /** The mock's address with a trailing slash. It is also the issuer, unless `issuer` is an `https:` URL. */
  readonly url: string
  /** Stops serving and closes every connection. */
  close(): Promise<void>
  /** Lets the process end while the mock is still served. */
  unref(): void
}
