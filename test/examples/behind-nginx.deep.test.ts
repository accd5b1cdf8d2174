import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { RawHeaders } from '../contract/conformance/host.js'
import { type Ask, statusWith, testGuardedService } from './behind-proxy-suite.js'
import { bearer, SCOPE } from './forward-auth-callers.js'
import { NGINX, startNginx } from './nginx.js'

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
  it.each<[string, number, Ask | undefined]>([
    ['is down', 503, undefined],
    ['resets the connection', 503, (request) => request.socket.resetAndDestroy()],
    ['does not answer within five seconds', 503, () => undefined],
    ['redirects', 503, (_request, response) => response.writeHead(302, { location: '/x' }).end()],
    ['answers 429', 503, (_request, response) => response.writeHead(429).end()],
    ['answers 500', 503, (_request, response) => response.writeHead(500).end()],
    ['answers 204', 200, (_request, response) => response.writeHead(204).end()],
    [
      'answers with 12 KB of headers',
      200,
      (_request, response) => response.writeHead(200, { x: 'x'.repeat(12_000) }).end(),
    ],
  ])('if the auth server %s, nginx answers %i', async (_title, status, ask) => {
    expect(await statusWith(startNginx, ask)).toBe(status)
  })

  it('the auth server gets GET /auth without a body, with the original method and URI in headers that nginx sets', async () => {
    let seen: IncomingMessage | undefined
    const spoofed: RawHeaders = [
      ['X-Original-Method', 'PUT'],
      ['X-Original-URI', '/spoofed'],
    ]
    const ask: Ask = (request, response) => {
      seen = request
      response.end()
    }
    expect(await statusWith(startNginx, ask, [...spoofed, ['Cookie', 'a=b']])).toBe(200)
    expect([seen?.method, seen?.url]).toEqual(['GET', '/auth'])
    expect(seen?.headersDistinct).toMatchObject({
      'x-original-method': ['GET'],
      'x-original-uri': ['/'],
      cookie: ['a=b'],
    })
    expect(seen?.headers['content-length']).toBeUndefined()
  })
})
