import { takeList, takeOptions } from '@portvakt/core/internal'
import type { Hono } from 'hono'
import { Altinn } from './altinn/altinn.js'
import { altinnIssuer, altinnRoutes } from './altinn/altinn-routes.js'
import { makeBadToken } from './bad-tokens/bad-tokens.js'
import { newStrangersKey } from './bad-tokens/forge.js'
import { createCertificateAuthority } from './certificates/certificate-authority.js'
import { answering } from './faults/answer.js'
import { Faults } from './faults/faults.js'
import { signAccessToken, type TokenIssuer } from './maskinporten/access-token.js'
import { UsedAssertions } from './maskinporten/assertion.js'
import { endpointsOf } from './maskinporten/endpoints.js'
import type { GrantRules } from './maskinporten/grant.js'
import { codeOf, ERRORS_PATH } from './maskinporten/grant-refusals.js'
import { maskinportenRoutes } from './maskinporten/maskinporten-routes.js'
import { RequestLog } from './maskinporten/request-log.js'
import { SigningKeys } from './maskinporten/signing-keys.js'
import { DEFAULT_CONSUMER } from './maskinporten/token-claims.js'
import type { MockClient, MockMaskinporten } from './mock-interface.js'
import { type MockMaskinportenOptions, readOptions } from './mock-options.js'
import { clientVariables, naisVariables } from './nais/environment.js'
import type { Provisioner } from './nais/provisioner.js'
import type { RegisteredClient } from './registry/client.js'
import { Registry } from './registry/registry.js'
import { createTexas } from './texas/texas.js'

/**
 * Makes a mock of Maskinporten that answers in this process. Each mock has new keys.
 *
 * @throws {TypeError} naming the wrong option
 * @example
 * const mock = await createMockMaskinporten()
 * const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
 * await validator.verify(await mock.issueToken({ scope: 'nav:x.read' }), 'nav:x.read')
 */
export async function createMockMaskinporten(
  options: MockMaskinportenOptions = {},
): Promise<MockMaskinporten> {
  return (await createMockAt(undefined, options)).mock
}

/** @param address where the mock is served, for the metadata. The issuer can be another address. */
export async function createMockAt(
  address: string | undefined,
  options: MockMaskinportenOptions,
): Promise<{ mock: MockMaskinporten; app: Hono; answer: ReturnType<typeof answering> }> {
  const { issuer, clock, scopes, clients, trustedRoots, strictCertificates } = readOptions(options, address)
  const endpoints = endpointsOf(address ?? issuer)
  const altinn = new Altinn()
  const registry = new Registry(altinn, clock)
  const authority = createCertificateAuthority(clock, trustedRoots, DEFAULT_CONSUMER)
  for (const scope of scopes) registry.addScope(scope)
  for (const client of clients) registry.addClient(client, DEFAULT_CONSUMER)
  const keys = await SigningKeys.create(clock)
  const ownClient = registry.addClient({}, DEFAULT_CONSUMER, true)
  const from: TokenIssuer = { issuer, clock, keys, clientId: ownClient.clientId }
  const strangersKey = newStrangersKey()
  const used = new UsedAssertions(clock)
  const rules: GrantRules = { issuer, clock, registry, altinn, used, strictCertificates, ...authority }
  const log = new RequestLog(clock)
  const faults = new Faults()

  const app = maskinportenRoutes(from, endpoints, rules, log)
  const answer = answering(app, faults, log, clock)
  const texas = createTexas({
    issuer,
    clock,
    jwksUri: endpoints.jwk,
    tokenEndpoint: endpoints.token,
    client: (clientId) => (clientId === undefined ? ownClient : registry.client(clientId)),
    // Faults also apply to Texas's own token requests.
    askTokenEndpoint: (init) => answer(new Request(endpoints.token, init)),
    noteIntrospection: (request, isActive) => log.note(request, { isActive }),
    fetchKeys: () => answer(new Request(endpoints.jwk)),
  })
  app.route('/', texas)
  const ownIssuer = altinnIssuer(address ?? issuer)
  app.route('/', altinnRoutes({ clock, altinn, issuer, ownIssuer, maskinportenKeys: () => keys.published() }))
  app.get(`${ERRORS_PATH}/:code`, async (context) => {
    const code = codeOf(context.req.param('code'))
    if (code === undefined) return context.notFound()
    // Import this module when an error page is first opened, because most tests do not open one.
    const { answerErrorPage } = await import('./control/error-page.js')
    return answerErrorPage(context, code)
  })

  const describe = (client: RegisteredClient): MockClient =>
    Object.freeze<MockClient>({
      clientId: client.clientId,
      organisationNumber: client.organisationNumber,
      get jwk() {
        return client.keys?.privateJwk
      },
      get env() {
        return clientVariables(issuer, endpoints, client, registry.scopesOf(client))
      },
    })
  const variablesOf = (client: RegisteredClient) =>
    naisVariables(issuer, endpoints, client, registry.scopesOf(client))

  // Import the provisioner with the first manifest, because the YAML parser is slow to load.
  let provisioner: Provisioner | undefined
  async function loadProvisioner(): Promise<Provisioner> {
    const { Provisioner } = await import('./nais/provisioner.js')
    provisioner ??= new Provisioner(registry, variablesOf)
    return provisioner
  }

  const mock: MockMaskinporten = {
    issuer,
    async fetch(input, init) {
      // Do not copy the Request: if it is an instance of a server's own Request class, the copy would lack
      // its body.
      const request = input instanceof Request && init === undefined ? input : new Request(input, init)
      return answer(request, request.signal)
    },
    get env() {
      return variablesOf(ownClient)
    },
    issueToken: (wanted) => signAccessToken(from, wanted),
    badToken: (name, wanted = {}) => makeBadToken(name, { from, client: ownClient, strangersKey }, wanted),
    async rotateKeys(given = {}) {
      await keys.rotate(takeOptions(given, ['keepOld', 'publish'], 'rotateKeys'))
    },
    announceKey: () => keys.announce(),
    publishKeys: () => keys.publish(),
    jwks: () => keys.published(),
    addScope: (scope) => registry.addScope(scope),
    addClient: async (client = {}) => describe(registry.addClient(client, DEFAULT_CONSUMER)),
    addDelegation: (delegation) => altinn.addDelegations([delegation]),
    addSystemUser: (user) => altinn.addSystemUser(user),
    addConsent: (consent) => altinn.addConsent(consent, clock.now()),
    addServiceOwner: (owner) => altinn.addServiceOwner(owner),
    issueCertificate: (wanted = {}) => authority.issue(wanted),
    async provision(manifests, how = {}) {
      const sources = isList(manifests) ? takeList(manifests, 'manifests') : [manifests]
      return (await loadProvisioner()).provision(sources, how)
    },
    get apps() {
      return provisioner?.apps ?? []
    },
    addFault: (endpoint, fault, how) => faults.add(endpoint, fault, how),
    clearFaults: () => faults.clear(),
    get requests() {
      return log.counts()
    },
    get received() {
      return log.received()
    },
  }
  return { mock, app, answer }
}

/** `Array.isArray` does not narrow a readonly array. */
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
