import { describe, expect, it } from 'vitest'
import { requestToAuth, STAND_INS, statusWith, testGuardedService } from './behind-proxy-suite.js'
import { bearer, SCOPE } from './forward-auth-callers.js'
import { NGINX, startNginx } from './proxy.js'

describe.skipIf(NGINX === undefined)('a service behind nginx and the auth server', () => {
  const { seen, get } = testGuardedService(startNginx)

  it('an allowed request reaches the service with the identity, and without the token', async () => {
    expect(await get([bearer])).toMatchObject({ status: 200, body: 'served' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-maskinporten-consumer': '889640782', 'x-maskinporten-scopes': SCOPE })
    for (const name of ['authorization', 'x-maskinporten-supplier']) expect(seen[0]).not.toHaveProperty(name)
  })

  it('a caller cannot remove an identity header by naming the header in Connection', async () => {
    await get([bearer, ['Connection', 'x-maskinporten-consumer']])
    expect(seen[0]?.['x-maskinporten-consumer']).toBe('889640782')
  })

  it('a request to upgrade to h2c is served without an upgrade', async () => {
    expect((await get([bearer, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABk']])).status).toBe(200)
    expect(seen[0]).not.toHaveProperty('upgrade')
  })
})

describe.skipIf(NGINX === undefined)('nginx with a stand-in for the auth server', () => {
  it.each([
    ['is down', 503],
    ['does not answer in time', 503],
    ['redirects', 503],
    ['answers 500', 503],
    ['answers 204', 200],
    ['answers with 12 KB of headers', 200],
  ] as const)('if the auth server %s, nginx answers %i', async (event, status) => {
    expect(await statusWith(startNginx, STAND_INS[event])).toBe(status)
  })

  it('the auth server gets GET /auth without a body, with the original method and URI in headers that nginx sets', async () => {
    const sent = { 'X-Original-Method': 'PUT', 'X-Original-URI': '/spoofed', Cookie: 'a=b' }
    const asked = await requestToAuth(startNginx, Object.entries(sent), '/')
    const headersDistinct = { 'x-original-method': ['GET'], 'x-original-uri': ['/'], cookie: ['a=b'] }
    expect(asked).toMatchObject({ method: 'GET', url: '/auth', headersDistinct })
    expect(asked?.headers['content-length']).toBeUndefined()
  })
})
