import { createMaskinportenClient } from '@portvakt/client'
import { createTestClock, startMockMaskinporten } from '@portvakt/mock'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as oauth4webapi from 'oauth4webapi'
import * as openidClient from 'openid-client'
import { afterAll, expect, it } from 'vitest'
import { GRANT_TYPE, Grants } from './grants.js'

const SCOPES = ['nav:x.read', 'nav:y.read']
const RESOURCE = 'https://api.example.no/'
const REQUESTED = { scope: SCOPES.join(' '), resource: RESOURCE }

const clock = createTestClock()
const mock = await startMockMaskinporten({ clock, scopes: SCOPES.map((name) => ({ name, maxAge: 60 })) })
const registered = await mock.addClient({ organisationNumber: '991825827', scopes: SCOPES })
const { clientId, jwk = {} } = registered
afterAll(() => mock.close())

/** Creates the assertion for libraries that send an assertion but do not create one. */
const assertion = () => new Grants(mock, clock, registered).assertion(REQUESTED, { typ: 'JWT' })

type Answer = Pick<oauth4webapi.TokenEndpointResponse, 'access_token' | 'scope' | 'expires_in'>
const issuer = new URL(mock.issuer)

async function withOauth4webapi(): Promise<Answer> {
  const insecure = { [oauth4webapi.allowInsecureRequests]: true }
  const discovered = await oauth4webapi.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  const server = await oauth4webapi.processDiscoveryResponse(issuer, discovered)
  const client = { client_id: clientId }
  const response = await oauth4webapi.genericTokenEndpointRequest(
    server,
    client,
    oauth4webapi.None(),
    GRANT_TYPE,
    { assertion: await assertion() },
    insecure,
  )
  return oauth4webapi.processGenericTokenEndpointResponse(server, client, response)
}

async function withOpenidClient(): Promise<Answer> {
  const configuration = await openidClient.discovery(issuer, clientId, undefined, openidClient.None(), {
    algorithm: 'oauth2',
    execute: [openidClient.allowInsecureRequests],
  })
  return openidClient.genericGrantRequest(configuration, GRANT_TYPE, { assertion: await assertion() })
}

it.each([
  ['oauth4webapi', withOauth4webapi],
  ['openid-client', withOpenidClient],
])('with the same key, %s gets a token with the same claims as @portvakt/client', async (_name, get) => {
  const client = createMaskinportenClient({ issuer: mock.issuer, clientId, key: { jwk }, clock })
  const ours = await client.getToken({ scope: SCOPES, resource: RESOURCE })
  const theirs = await get()
  expect(withoutId(theirs.access_token)).toEqual(withoutId(ours.accessToken))
  expect(decodeProtectedHeader(theirs.access_token)).toEqual(decodeProtectedHeader(ours.accessToken))
  expect([theirs.scope, theirs.expires_in]).toEqual([ours.scope, ours.expiresAt - clock.now() / 1000])
})

/** The claims without `jti`, the only claim that differs between tokens. */
function withoutId(token: string) {
  const { jti, ...claims } = decodeJwt(token)
  expect(jti).toBeTypeOf('string')
  return claims
}
