import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createForwardAuth } from '../../examples/forward-auth/src/forward-auth.js'
import { type RawHeaders, type Running, running, send } from '../contract/conformance/host.js'
import { authorization, bearer, IDENTITY, mock, SCOPE, validator } from './forward-auth-callers.js'
import { NGINX, type Nginx, startNginx } from './nginx.js'

describe.skipIf(NGINX === undefined)('a service behind nginx and the auth server', () => {
  let auth: Running
  let service: Running
  let nginx: Nginx
  let seen: IncomingHttpHeaders[]
  let outage = false
  beforeAll(async () => {
    const down = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: () => Promise.reject(new TypeError()),
    })
    const servers = [validator, down].map((one) => createForwardAuth({ '/auth': SCOPE }, one))
    const choose: RequestListener = (...given) => servers[outage ? 1 : 0]?.emit('request', ...given)
    auth = await running(createServer({ maxHeaderSize: 65_536 }, choose))
    service = await running(
      createServer((request, response) => {
        seen.push(request.headers)
        response.end('served')
      }),
    )
    nginx = await startNginx(auth.port, service.port)
  })
  beforeEach(() => {
    seen = []
    outage = false
  })
  afterAll(async () => {
    await nginx.close()
    await auth.close()
    await service.close()
  })
  const get = (headers: RawHeaders, target = '/') => send(nginx.port, 'GET', target, headers)

  it('an allowed request reaches the service with the identity, and without the token', async () => {
    expect(await get([bearer])).toMatchObject({ status: 200, body: 'served' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-maskinporten-consumer': '889640782', 'x-maskinporten-scopes': SCOPE })
    for (const name of ['authorization', 'x-maskinporten-supplier']) expect(seen[0]).not.toHaveProperty(name)
  })

  it('identity headers of the caller never reach the service', async () => {
    const forged = [...IDENTITY, 'X_Maskinporten_Consumer', 'X-MASKINPORTEN-SUPPLIER'].map(
      (name) => [name, '999999999'] as const,
    )
    await get([bearer, ...forged])
    expect(JSON.stringify(seen)).not.toContain('999999999')
    expect(seen[0]?.['x-maskinporten-consumer']).toBe('889640782')
  })

  it('a caller cannot remove an identity header by naming the header in Connection', async () => {
    await get([bearer, ['Connection', 'x-maskinporten-consumer']])
    expect(seen[0]?.['x-maskinporten-consumer']).toBe('889640782')
  })

  it('a request to upgrade to h2c is served without an upgrade', async () => {
    expect((await get([bearer, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABk']])).status).toBe(200)
    expect(seen[0]).not.toHaveProperty('upgrade')
  })

  it('a request without a token gets one challenge and the problem document', async () => {
    const { status, headers, body } = await get([])
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    expect(JSON.parse(body)).toMatchObject({ status: 401, reason: 'no_credentials' })
    expect(seen).toEqual([])
  })

  it('a request without the scope gets 403 with the challenge', async () => {
    const { status, headers, body } = await get([await authorization({ scope: 'portvakt:other' })])
    expect([status, JSON.parse(body).reason]).toEqual([403, 'insufficient_scope'])
    expect(headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  it('two Authorization headers are refused with 400', async () => {
    expect((await get([bearer, bearer])).status).toBe(400)
    expect(seen).toEqual([])
  })

  it('joined credentials are refused with 400 and the problem document', async () => {
    const { status, body } = await get([['Authorization', `${bearer[1]}, ${bearer[1]}`]])
    expect([status, JSON.parse(body).reason]).toEqual([400, 'ambiguous_credentials'])
  })

  it('a token of 15 KB passes', async () => {
    const scope = `${SCOPE} ${Array.from({ length: 600 }, (_, index) => `nav:x/y/z.read${index}`).join(' ')}`
    const large = await authorization({ scope })
    expect(large[1].length).toBeGreaterThan(14_000)
    expect((await get([large])).status).toBe(200)
  })

  it('during an outage of Maskinporten, a caller gets 503 with Retry-After and the problem document', async () => {
    outage = true
    const { status, headers, body } = await get([bearer])
    expect([status, JSON.parse(body).status]).toEqual([503, 503])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(seen).toEqual([])
  })

  it.each(['//x', '/a/../b', '/x/%2e%2e/b', '/a;b/c'])('%s without a token is refused', async (target) => {
    expect((await get([], target)).status).toBe(401)
    expect(seen).toEqual([])
  })
})

type Ask = (request: IncomingMessage, response: ServerResponse) => unknown

/** The status of a request through nginx. Its auth server answers with `ask`, and is down without it. */
async function statusWith(ask: Ask | undefined, headers: RawHeaders = []): Promise<number | undefined> {
  const auth = await running(createServer((request, response) => ask?.(request, response)))
  if (!ask) await auth.close()
  const service = await running(createServer((_request, response) => response.end('served')))
  const nginx = await startNginx(auth.port, service.port)
  const { status } = await send(nginx.port, 'GET', '/', headers)
  await nginx.close()
  if (ask) await auth.close()
  await service.close()
  return status
}

describe.skipIf(NGINX === undefined)('nginx with another answer of its auth server', () => {
  it.each<[string, Ask | undefined, number]>([
    ['is down', undefined, 503],
    ['resets the connection', (request) => request.socket.resetAndDestroy(), 503],
    ['does not answer within five seconds', () => undefined, 503],
    ['redirects', (_request, response) => response.writeHead(302, { location: '/x' }).end(), 503],
    ['answers 429', (_request, response) => response.writeHead(429).end(), 503],
    ['answers 500', (_request, response) => response.writeHead(500).end(), 503],
    ['answers 204', (_request, response) => response.writeHead(204).end(), 200],
    [
      'answers with 12 KB of headers',
      (_request, response) => response.writeHead(200, { x: 'x'.repeat(12_000) }).end(),
      200,
    ],
  ])('if the auth server %s, the caller gets %i', async (_title, ask, status) => {
    expect(await statusWith(ask)).toBe(status)
  })

  it('the auth server gets a GET with the original method and address, and no body', async () => {
    let seen: IncomingMessage | undefined
    const spoofed: RawHeaders = [
      ['X-Original-Method', 'PUT'],
      ['X-Original-URI', '/spoofed'],
    ]
    const ask: Ask = (request, response) => {
      seen = request
      response.end()
    }
    expect(await statusWith(ask, [...spoofed, ['Cookie', 'a=b']])).toBe(200)
    expect([seen?.method, seen?.url]).toEqual(['GET', '/auth'])
    expect(seen?.headersDistinct).toMatchObject({
      'x-original-method': ['GET'],
      'x-original-uri': ['/'],
      cookie: ['a=b'],
    })
    expect(seen?.headers['content-length']).toBeUndefined()
  })

  it('nginx calls the auth server for each request, over one connection', async () => {
    const connections = new Set<unknown>()
    let asked = 0
    const auth = await running(
      createForwardAuth({ '/auth': SCOPE }, validator).on('request', ({ socket }) => {
        connections.add(socket)
        asked++
      }),
    )
    const service = await running(createServer((_request, response) => response.end('served')))
    const nginx = await startNginx(auth.port, service.port)
    for (let time = 0; time < 5; time++)
      expect((await send(nginx.port, 'GET', '/', [bearer])).status).toBe(200)
    expect([asked, connections.size]).toEqual([5, 1])
    for (const server of [nginx, auth, service]) await server.close()
  })
})
