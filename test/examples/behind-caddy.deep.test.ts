import { describe, expect, it } from 'vitest'
import { requestToAuth, STAND_INS, statusWith, testGuardedService } from './behind-proxy-suite.js'
import { bearer, IDENTITY, SCOPE } from './forward-auth-callers.js'
import { CADDY, startCaddy } from './proxy.js'

describe.skipIf(CADDY === undefined)('a service behind Caddy and the auth server', () => {
  const { seen, get } = testGuardedService(startCaddy)

  it('an allowed request reaches the service with every identity header, and with the token', async () => {
    expect(await get([bearer])).toMatchObject({ status: 200, body: 'served' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-maskinporten-consumer': '889640782', 'x-maskinporten-scopes': SCOPE })
    expect(seen[0]?.['x-maskinporten-client-id']).toMatch(/^[\w-]+$/)
    expect(seen[0]?.authorization).toBe(bearer[1])
  })

  it('without delegation, the supplier header is empty or missing', async () => {
    await get([bearer])
    // Caddy 2.6 passes on an empty header; Caddy 2.11 removes it.
    expect(seen[0]?.['x-maskinporten-supplier'] ?? '').toBe('')
  })

  it.each(IDENTITY)('a request that names %s in its Connection header is refused with 400', async (name) => {
    expect((await get([bearer, ['Connection', name]])).status).toBe(400)
    expect(seen).toEqual([])
  })

  it('a request to upgrade to h2c is refused with 400', async () => {
    expect((await get([bearer, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABk']])).status).toBe(400)
    expect(seen).toEqual([])
  })

  it('two Authorization headers are refused with the problem document', async () => {
    expect(JSON.parse((await get([bearer, bearer])).body)).toMatchObject({ reason: 'ambiguous_credentials' })
  })
})

describe.skipIf(CADDY === undefined)('Caddy with a stand-in for the auth server', () => {
  it.each([
    ['is down', 502],
    ['redirects', 302],
    ['answers 500', 500],
    ['answers 204', 200],
    ['answers with 12 KB of headers', 200],
  ] as const)('if the auth server %s, Caddy answers %i', async (event, status) => {
    expect(await statusWith(startCaddy, STAND_INS[event])).toBe(status)
  })

  it('if the auth server does not answer within response_header_timeout, the caller gets 504', async () => {
    const impatient = (auth: number, service: number) => startCaddy(auth, service, '100ms')
    expect(await statusWith(impatient, STAND_INS['does not answer in time'])).toBe(504)
  })

  it('the auth server gets GET /auth, with the original method and URI only in headers that Caddy sets', async () => {
    const spoofed = Object.entries({ 'X-Forwarded-Method': 'PUT', 'X-Forwarded-Uri': '/spoofed' })
    const asked = await requestToAuth(startCaddy, spoofed, '/a?b=c')
    const headersDistinct = { 'x-forwarded-method': ['GET'], 'x-forwarded-uri': ['/a?b=c'] }
    expect(asked).toMatchObject({ method: 'GET', url: '/auth', headersDistinct })
    expect(asked?.headers['content-length']).toBeUndefined()
  })
})
