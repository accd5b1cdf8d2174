import {
  checkApi,
  checkManifest,
  createMockMaskinporten,
  fakeVerifiedToken,
  startMockMaskinporten,
} from '@portvakt/mock'
import { list, options, record } from './takers.js'

const mock = await createMockMaskinporten()
const { x5c } = await mock.issueCertificate()
const certificate = `-----BEGIN CERTIFICATE-----\n${x5c.at(-1)}\n-----END CERTIFICATE-----\n`
const { jwk } = await mock.addClient()
const PUBLIC_JWK = { kty: 'RSA', kid: 'k', n: jwk?.n, e: jwk?.e }

const OWNER = '310385980'
const OTHER = '991825827'
const SCOPES = ['nav:a', 'nav:b']
const DELEGATION = { consumer: OWNER, supplier: OTHER, scopes: SCOPES }
const CONSENT = { from: '01010199999', to: OWNER, resources: ['a', 'b'], validTo: new Date(4e12) }
const ORGANISATION = { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` }
const CONTENT = {
  scope: SCOPES,
  consumer: OWNER,
  audience: ['https://a.no', 'https://b.no'],
  pid: '01010199999',
}
const YAML = `apiVersion: nais.io/v1alpha1
kind: Application
metadata: { name: api, namespace: team }
spec:
  maskinporten:
    enabled: true
    scopes:
      exposes:
        - { enabled: true, product: x, name: read, accessibleForAll: {{open}} }
`
const OTHER_YAML = YAML.replace('name: api', 'name: other').replace('name: read', 'name: write')
const VARS = { open: true }
const MANIFEST = { yaml: YAML, vars: VARS, organisationNumber: OWNER, scopePrefix: 'nav' }
const MANIFESTS = [{ yaml: YAML }, { yaml: OTHER_YAML }]
const WITHOUT_VARS = { yaml: YAML, organisationNumber: OWNER }
const GUARDS = ['nav:x:read']

/** Options with which `checkApi` makes no network calls. */
const CHECK = {
  maskinporten: { issueToken: async () => 'a.b.c', badToken: async () => 'a.b.c' },
  scope: SCOPES,
  fetch: async () => new Response(),
}
const DELEGATIONS = [DELEGATION, DELEGATION]
const CLIENT = { organisationNumber: OWNER, scopes: SCOPES, jwk: PUBLIC_JWK, delegations: DELEGATIONS }
const SCOPE = { name: 'nav:a', consumers: [OWNER, OTHER], allowedIntegrations: ['a', 'b'], enabled: true }
const SYSTEM_USER = { vendor: OWNER, customer: OTHER, externalRef: 'a' }
const CERTIFICATE = { organisationNumber: OWNER, expiresInDays: 5 }
const PROVISION = { vars: VARS, organisationNumber: OWNER, scopePrefix: 'nav' }
const ELSEWHERE = { exposedElsewhere: ['nav:y', 'nav:z'], guardedElsewhere: ['nav:y', 'nav:z'] }
const MOCK = {
  issuer: 'https://x.no/',
  scopes: SCOPES.map((name) => ({ name })),
  clients: [{}, {}],
  trustedRoots: [certificate, certificate],
}
const TOKEN = { ...CONTENT, algorithm: 'RS256', authorizationDetails: [{ type: 'x' }, { type: 'y' }] }
const checkWith = (given: object) => checkApi('https://a.no/', { ...CHECK, ...given })
const tokenWith = (given: object) => mock.issueToken(given)
const start = async (given: object) => (await startMockMaskinporten(given)).close()
const checkOwn = (given: object) => checkManifest(GUARDS, { yaml: YAML }, given)
/** Adds a fault and removes it. */
const addFault = (fault: object, times: object = {}) => mock.addFault('jwk', fault as never, times)()

/** The functions of the mock that take an option object. */
export const MOCK_TAKERS = [
  options('createMockMaskinporten', MOCK, createMockMaskinporten),
  options('startMockMaskinporten', { port: 0, hostname: '127.0.0.1', scopes: [] }, start),
  options('issueToken', { ...TOKEN, expiresIn: 60 }, tokenWith),
  record('`claims`', { a: 1, b: undefined }, (claims) => tokenWith({ claims })),
  record('`header`', { typ: 'JWT' }, (header) => tokenWith({ header })),
  record('`consumer`', ORGANISATION, (consumer) => tokenWith({ consumer })),
  record('`supplier`', ORGANISATION, (supplier) => tokenWith({ supplier })),
  record('an entry of `authorizationDetails`', { type: 'x' }, (detail) =>
    tokenWith({ authorizationDetails: [detail] }),
  ),
  options('badToken', CONTENT, (given) => mock.badToken('expired', given)),
  record('`claims` of badToken', { a: 1 }, (claims) => mock.badToken('expired', { claims })),
  options('fakeVerifiedToken', CONTENT, fakeVerifiedToken),
  options('rotateKeys', { keepOld: true, publish: true }, (given) => mock.rotateKeys(given)),
  options('addScope', SCOPE, (scope) => mock.addScope(scope)),
  options('addClient', CLIENT, (given) => mock.addClient(given)),
  record('`jwk` of a client', PUBLIC_JWK, (given) => mock.addClient({ jwk: given })),
  options('an entry of `delegations`', DELEGATION, (given) => mock.addClient({ delegations: [given] })),
  options('addDelegation', DELEGATION, (given) => mock.addDelegation(given)),
  options('addSystemUser', SYSTEM_USER, (given) => mock.addSystemUser(given)),
  options('addConsent', CONSENT, (given) => mock.addConsent(given)),
  options('addServiceOwner', { organisationNumber: OWNER, org: 'nav' }, (given) =>
    mock.addServiceOwner(given),
  ),
  options('issueCertificate', CERTIFICATE, (given) => mock.issueCertificate(given)),
  options('a manifest', MANIFEST, (given) => mock.provision(given)),
  options('a manifest in a list', MANIFEST, (given) => mock.provision([given])),
  options('provision', PROVISION, (given) => mock.provision(MANIFESTS, given)),
  record('`vars` of a manifest', VARS, (vars) => mock.provision({ ...MANIFEST, vars })),
  record('`vars` of provision', VARS, (vars) => mock.provision(WITHOUT_VARS, { vars })),
  options('a fault that answers', { status: 500, headers: {}, body: '' }, addFault),
  record('`headers` of a fault', { 'retry-after': '1' }, (headers) => addFault({ status: 500, headers })),
  options('a fault that delays', { delay: 1 }, addFault),
  options('addFault', { times: 1 }, (given) => addFault({ delay: 1 }, given)),
  options('checkApi', { ...CHECK, audience: 'https://a.no', consumer: OWNER, method: 'POST' }, (given) =>
    checkApi('https://a.no/', given),
  ),
  record('`headers` of checkApi', { 'content-type': 'text/plain' }, (headers) => checkWith({ headers })),
  options('`token` of checkApi', CONTENT, (token) => checkWith({ token })),
  options('checkManifest', { vars: VARS, ...ELSEWHERE }, checkOwn),
  options('the manifest of checkManifest', MANIFEST, (manifest) => checkManifest(GUARDS, manifest)),
  options('a requirement of checkManifest', { scope: 'nav:x:read', consumers: [OWNER, OTHER] }, (guard) =>
    checkManifest([guard], MANIFEST),
  ),
]

/** More lists that the mock takes. */
export const MOCK_LISTS = [
  list('manifests', [MANIFEST], (manifests) => mock.provision(manifests)),
  list('`vars` as a list', ['open=true', 'x=y'], (vars) => mock.provision({ ...MANIFEST, vars })),
  list('`vars` as a list for several manifests', ['open=true', 'x=y'], (vars) =>
    mock.provision(MANIFESTS, { vars, organisationNumber: OWNER }),
  ),
  list('`guards`', GUARDS, (guards) => checkManifest(guards, MANIFEST)),
]
