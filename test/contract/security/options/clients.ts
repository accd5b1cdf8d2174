import { createMaskinportenClient } from '@portvakt/client'
import { createMockMaskinporten } from '@portvakt/mock'
import { exportPKCS8, generateKeyPair } from 'jose'
import { list, options, record } from './takers.js'

const CUSTOMER = '910076787'
const SCOPES = ['nav:a', 'nav:b']
const mock = await createMockMaskinporten({ scopes: SCOPES.map((name) => ({ name })) })
const { clientId, jwk = {} } = await mock.addClient({ scopes: SCOPES })
const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const pem = await exportPKCS8(privateKey)
const { pem: enterpriseKey, certificateChain } = await mock.issueCertificate()

const OPTIONS = { clientId, key: { jwk }, issuer: mock.issuer, scopes: SCOPES, fetch: mock.fetch }
const TEXAS = { texas: 'http://127.0.0.1/token', maxTokens: 5 }
const GET_TOKEN = { scope: 'nav:a', resource: 'https://a.no', skipCache: true }
const TOKEN_REQUEST = { scope: SCOPES, resource: 'https://a.no', pid: '01010199999', altinn: true }
const ORGANISATION = { authority: 'iso6523-actorid-upis', ID: `0192:${CUSTOMER}` }
const client = createMaskinportenClient(OPTIONS)

const clientWith = (key: object) => createMaskinportenClient({ ...OPTIONS, key: key as typeof OPTIONS.key })
const fetchWith = (request: object) => client.fetch({ scope: 'nav:a', ...request })
const withDetails = (authorizationDetails: object[]) => fetchWith({ authorizationDetails })

/** The functions of the client that take an option object. */
export const CLIENT_TAKERS = [
  options('createMaskinportenClient', OPTIONS, createMaskinportenClient),
  options('createMaskinportenClient with Texas', TEXAS, createMaskinportenClient),
  options('`key` with a JWK', { jwk, algorithm: 'RS512' }, clientWith),
  record('`key.jwk`', { ...jwk }, (given) => clientWith({ jwk: given })),
  options('`key` with PEM', { pem, keyId: 'k', algorithm: 'RS512' }, clientWith),
  options('`key` with a certificate', { pem: enterpriseKey, certificateChain }, clientWith),
  options('`key` that signs', { sign: () => new Uint8Array(), keyId: 'k' }, clientWith),
  options('getToken', GET_TOKEN, (request) => client.getToken(request)),
  options('fetch', TOKEN_REQUEST, (request) => client.fetch(request)),
  options('for', { consumerOrg: CUSTOMER }, (customer) => client.for(customer)),
  record('an entry of `authorizationDetails`', { type: 'x', externalRef: 'a' }, (detail) =>
    withDetails([detail]),
  ),
  record('an object in `authorizationDetails`', ORGANISATION, (systemuser_org) =>
    withDetails([{ type: 'x', systemuser_org }]),
  ),
]

/** More lists that the client takes. */
export const CLIENT_LISTS = [
  list('`authorizationDetails`', [{ type: 'x' }, { type: 'y' }], withDetails),
  list('a list in `authorizationDetails`', ['a', 'b'], (ids) => withDetails([{ ids }])),
]
