import { type Clock, systemClock } from '@portvakt/core'
import type { JWK } from 'jose'
import {
  DEFAULT_CONSUMER,
  DEFAULT_SCOPE,
  type IssueTokenOptions,
  signAccessToken,
  type TokenIssuer,
} from './access-token.js'
import { Altinn } from './altinn.js'
import {
  createCertificateAuthority,
  type IssueCertificateOptions,
  type MockCertificate,
} from './certificate-authority.js'
import type { MockConsent } from './consent.js'
import type { MockDelegation } from './delegation.js'
import { endpointsOf } from './endpoints.js'
import { clientVariables, naisVariables } from './environment.js'
import type { GrantRules } from './grant.js'
import { maskinportenRoutes } from './maskinporten-routes.js'
import type { MockClientRegistration, RegisteredClient } from './mock-client.js'
import type { MockScope } from './mock-scope.js'
import type { NaisManifest, ProvisionOptions } from './nais/manifest-source.js'
import type { ProvisionedApp } from './nais/provisioned-app.js'
import type { Provisioner } from './nais/provisioner.js'
import { refuseUnknown } from './options.js'
import { Registry } from './registry.js'
import { createSigningKeys } from './signing-keys.js'
import type { AuthorizationDetail, MockSystemUser } from './system-user.js'
import { UsedAssertions } from './used-assertions.js'

/** What the mock knows when it starts. */
export interface MockMaskinportenOptions {
  /** Its issuer, an origin with a trailing slash. Default `https://test.maskinporten.no/`. */
  readonly issuer?: string
  /** Default the system's. Give the same {@link createTestClock} to the validator. */
  readonly clock?: Clock
  /** Scopes that providers expose. Default `portvakt:demo.read` alone, granted to everybody. */
  readonly scopes?: readonly MockScope[]
  /** Clients beside the default one. */
  readonly clients?: readonly MockClientRegistration[]
  /** Roots (PEM) whose enterprise certificates are accepted, beside the mock's own. Default none. */
  readonly trustedRoots?: readonly string[]
}

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
  /** Signs an access token directly, without client or grant. */
  issueToken(options?: IssueTokenOptions): Promise<string>
  /** Signs with a new key from now on. With `keepOld` (the default) the old keys stay published. */
  rotateKeys(options?: { readonly keepOld?: boolean }): Promise<void>
  /** The published keys. */
  jwks(): { keys: JWK[] }
  /** Exposes a scope. @throws {TypeError} */
  addScope(scope: MockScope): void
  /** Registers a client. @throws {TypeError} */
  addClient(registration?: MockClientRegistration): Promise<MockClient>
  /** Lets one organisation act for another. @throws {TypeError} */
  addDelegation(delegation: Required<MockDelegation>): void
  /** Lets a vendor's system act for a customer. Returns the entry that tokens hold. @throws {TypeError} */
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
   *   { file: 'caller/nais.yaml', organisationNumber: '310385980', vars: { image: 'any' } },
   * ])
   */
  provision(
    manifests: string | URL | NaisManifest | readonly (string | URL | NaisManifest)[],
    options?: ProvisionOptions,
  ): Promise<readonly ProvisionedApp[]>
  /** The variables that NAIS injects, for validating and, with the default client, for acquiring. */
  readonly env: Readonly<Record<string, string>>
  /** How often each endpoint was asked. */
  readonly requests: Readonly<{ metadata: number; jwk: number; token: number }>
}

const OPTIONS: Record<keyof MockMaskinportenOptions, true> = {
  issuer: true,
  clock: true,
  scopes: true,
  clients: true,
  trustedRoots: true,
}

/**
 * Makes a Maskinporten that answers in this process. Its keys are new each time.
 *
 * @throws {TypeError} naming the option that is wrong
 * @example
 * const mock = await createMockMaskinporten()
 * const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
 * await validator.verify(await mock.issueToken({ scope: 'nav:x.read' }), 'nav:x.read')
 */
export function createMockMaskinporten(options: MockMaskinportenOptions = {}): Promise<MockMaskinporten> {
  return createMockAt(undefined, options)
}

/** @param address where it is served; an issuer that it only claims to be would send callers elsewhere */
export async function createMockAt(
  address: string | undefined,
  options: MockMaskinportenOptions,
): Promise<MockMaskinporten> {
  refuseUnknown(options, OPTIONS, 'createMockMaskinporten')
  const { clock = systemClock, scopes = [{ name: DEFAULT_SCOPE }], clients = [] } = options
  const issuer = readIssuer(options.issuer ?? address ?? 'https://test.maskinporten.no/')
  const endpoints = endpointsOf(address ?? issuer)
  const altinn = new Altinn()
  const registry = new Registry(altinn, clock)
  const authority = createCertificateAuthority(clock, options.trustedRoots ?? [], DEFAULT_CONSUMER)
  for (const scope of scopes) registry.addScope(scope)
  for (const client of clients) registry.addClient(client, DEFAULT_CONSUMER)
  const keys = await createSigningKeys()
  const ownClient = registry.addClient({}, DEFAULT_CONSUMER, true)
  const from: TokenIssuer = { issuer, clock, keys, clientId: ownClient.clientId }
  const counts = { metadata: 0, jwk: 0, token: 0 }
  const rules: GrantRules = {
    issuer,
    clock,
    registry,
    altinn,
    used: new UsedAssertions(clock),
    trustedRoots: authority.trustedRoots,
  }

  const app = maskinportenRoutes(from, endpoints, rules, counts)

  const variablesOf = (client: RegisteredClient) =>
    naisVariables(issuer, endpoints, client, registry.scopesOf(client))
  // Loaded with the first manifest: most tests have none, and it takes a while.
  let provisioner: Promise<Provisioner> | undefined
  const newProvisioner = async () =>
    new (await import('./nais/provisioner.js')).Provisioner(registry, variablesOf)

  const describe = (client: RegisteredClient): MockClient => ({
    clientId: client.clientId,
    organisationNumber: client.organisationNumber,
    get jwk() {
      return client.keys?.privateJwk
    },
    get env() {
      return clientVariables(issuer, endpoints, client, registry.scopesOf(client))
    },
  })

  return {
    issuer,
    // A server's own kind of request loses its body when it is copied, so a whole one is passed on as it is.
    fetch: async (input, init) =>
      app.fetch(input instanceof Request && init === undefined ? input : new Request(input, init)),
    issueToken: (wanted) => signAccessToken(from, wanted),
    async rotateKeys(given = {}) {
      refuseUnknown(given, { keepOld: true }, 'rotateKeys')
      await keys.rotate(given.keepOld ?? true)
    },
    jwks: () => keys.published(),
    addScope: (scope) => registry.addScope(scope),
    addClient: async (client = {}) => describe(registry.addClient(client, DEFAULT_CONSUMER)),
    addDelegation: (delegation) => altinn.addDelegation(delegation),
    addSystemUser: (user) => altinn.addSystemUser(user),
    addConsent: (consent) => altinn.addConsent(consent, clock.now()),
    async provision(manifests, how = {}) {
      provisioner ??= newProvisioner()
      return (await provisioner).provision([manifests].flat(), how)
    },
    issueCertificate: (wanted = {}) => authority.issue(wanted),
    get env() {
      return variablesOf(ownClient)
    },
    get requests() {
      return Object.freeze({ ...counts })
    },
  }
}

function readIssuer(issuer: string): string {
  if (typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer)) {
    // Validators compare it character by character, so it must be written as it is meant.
    if (issuer === `${new URL(issuer).origin}/`) return issuer
  }
  throw new TypeError(
    '`issuer` must be a URL without a path and with a trailing slash, such as https://test.maskinporten.no/',
  )
}
