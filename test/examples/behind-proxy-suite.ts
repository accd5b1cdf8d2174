import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createMaskinportenValidator } from '@portvakt/core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createForwardAuth } from '../../examples/forward-auth/src/forward-auth.js'
import { type Answer, type RawHeaders, type Running, running, send } from '../contract/conformance/host.js'
import { authorization, bearer, IDENTITY, mock, SCOPE, validator } from './forward-auth-callers.js'
import type { StartProxy } from './proxy.js'

/** A service behind a proxy and the example's auth server. */
export interface GuardedService {
  /** The headers of every request that reached the service in this test. */
  readonly seen: readonly IncomingHttpHeaders[]
  get(headers: RawHeaders, target?: string): Promise<Answer>
}

/** Adds the tests that every proxy must pass. Returns the service, for more tests in the same `describe`. */
export function testGuardedService(start: StartProxy): GuardedService {
  let auth: Running
  let service: Running
  let proxy: Running
  const seen: IncomingHttpHeaders[] = []
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
    proxy = await start(auth.port, service.port)
  })
  beforeEach(() => {
    seen.length = 0
    outage = false
  })
  afterAll(async () => {
    await proxy.close()
    await auth.close()
    await service.close()
  })
  const get = (headers: RawHeaders, target = '/') => send(proxy.port, 'GET', target, headers)

  it('identity headers of the caller never reach the service, in any form of their names', async () => {
    const others = ['X-MASKINPORTEN-SUPPLIER', 'X_Maskinporten_Consumer', 'X.Maskinporten.Client.Id']
    const names = [...IDENTITY, ...others, 'X-Maskinporten_Scopes']
    await get([bearer, ...names.map((name) => [name, '999999999'] as const)])
    expect(JSON.stringify(seen)).not.toContain('999999999')
    expect(seen[0]?.['x-maskinporten-consumer']).toBe('889640782')
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
    expect(seen).toEqual([])
  })

  it('two Authorization headers are refused with 400', async () => {
    expect((await get([bearer, bearer])).status).toBe(400)
    expect(seen).toEqual([])
  })

  it('two credentials joined by a comma are refused with 400 and the problem document', async () => {
    const { status, body } = await get([['Authorization', `${bearer[1]}, ${bearer[1]}`]])
    expect([status, JSON.parse(body).reason]).toEqual([400, 'ambiguous_credentials'])
    expect(seen).toEqual([])
  })

  it('a request with a valid token of 15 KB is allowed', async () => {
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

  it.each(['//x', '/a/../b', '/x/%2e%2e/b', '/a;b/c'])('GET %s without a token gets 401', async (target) => {
    expect((await get([], target)).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('the proxy calls the auth server for each request, over one connection', async () => {
    const connections = new Set<unknown>()
    let asked = 0
    const auth = await running(
      createForwardAuth({ '/auth': SCOPE }, validator).on('request', ({ socket }) => {
        connections.add(socket)
        asked++
      }),
    )
    const proxy = await start(auth.port, service.port)
    for (let time = 0; time < 5; time++)
      expect((await send(proxy.port, 'GET', '/', [bearer])).status).toBe(200)
    expect([asked, connections.size]).toEqual([5, 1])
    for (const server of [proxy, auth]) await server.close()
  })

  return { seen, get }
}

/** Handles a request to an auth server. */
type Ask = (request: IncomingMessage, response: ServerResponse) => unknown

/** Stand-ins for the auth server, each with what it does with a request. */
export const STAND_INS = {
  'is down': undefined,
  'does not answer in time': () => undefined,
  redirects: (_request, response) => response.writeHead(302, { location: '/x' }).end(),
  'answers 500': (_request, response) => response.writeHead(500).end(),
  'answers 204': (_request, response) => response.writeHead(204).end(),
  'answers with 12 KB of headers': (_request, response) =>
    response.writeHead(200, { x: 'x'.repeat(12_000) }).end(),
} satisfies Record<string, Ask | undefined>

/** Returns the request to the auth server that a proxy sends for an allowed request. */
export async function requestToAuth(start: StartProxy, headers: RawHeaders, target: string) {
  let seen: IncomingMessage | undefined
  const ask: Ask = (request, response) => {
    seen = request
    response.end()
  }
  expect(await statusWith(start, ask, headers, target)).toBe(200)
  return seen
}

/**
 * Returns the status of a request through a proxy. The proxy's auth server answers with `ask`. Without `ask`,
 * the auth server is down.
 */
export async function statusWith(
  start: StartProxy,
  ask: Ask | undefined,
  headers: RawHeaders = [],
  target = '/',
): Promise<number | undefined> {
  const auth = await running(createServer((request, response) => ask?.(request, response)))
  if (!ask) await auth.close()
  const service = await running(createServer((_request, response) => response.end('served')))
  const proxy = await start(auth.port, service.port)
  const { status } = await send(proxy.port, 'GET', target, headers)
  await proxy.close()
  if (ask) await auth.close()
  await service.close()
  return status
}
