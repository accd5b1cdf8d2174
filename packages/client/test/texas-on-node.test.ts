import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createTestClock } from '@portvakt/mock'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Attempt } from '../src/attempt.js'
import { texasSource } from '../src/texas-source.js'
import { prepareTokenRequest } from '../src/token-request.js'
import { attempt } from './kit.js'

let server: Server | undefined
let connections: number
let requests: number
afterEach(() => {
  vi.doUnmock('@portvakt/core/internal')
  vi.resetModules()
  vi.unstubAllGlobals()
  server?.closeAllConnections()
  server?.close()
})

const TOKEN = JSON.stringify({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })
const ISSUED = { accessToken: 'x', expiresIn: 60, scope: undefined }
const REQUEST = prepareTokenRequest({ scope: 'nav:a' }, undefined)

/** Requests tokens from a server on loopback, without any `fetch`. */
async function requester(listener: RequestListener) {
  vi.stubGlobal('fetch', () => expect.unreachable('the global fetch was used'))
  connections = 0
  requests = 0
  server = createServer((request, response) => {
    requests++
    listener(request, response)
  }).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const source = texasSource(`http://127.0.0.1:${port}/token`, { fetch: undefined, clock: createTestClock() })
  return (given: Attempt = attempt()) => source.request(REQUEST, false, given)
}

const ask = async (listener: RequestListener, given?: Attempt) => (await requester(listener))(given)

// Elsewhere the global `fetch` is used.
describe.skipIf('bun' in process.versions || 'deno' in process.versions)('Texas on Node', () => {
  it('gets the token request as a POST of JSON, without the global fetch', async () => {
    let sent: object | undefined
    const issued = await ask(async (request, response) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { method, url, headers } = request
      const body = JSON.parse(Buffer.concat(chunks).toString())
      sent = { method, url, type: headers['content-type'], body }
      response.end(TOKEN)
    })
    expect(issued).toEqual(ISSUED)
    const body = { identity_provider: 'maskinporten', target: 'nav:a' }
    expect(sent).toEqual({ method: 'POST', url: '/token', type: 'application/json', body })
  })

  it('answers with an outage: status, refusal and Retry-After are read', async () => {
    const asked = ask((_request, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end('{"error":"temporarily_unavailable"}')
    })
    const error = 'temporarily_unavailable'
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', status: 503, retryAfter: 7, error })
  })

  it.each([204, 205, 304])('answers %d, which has no body: the status is read', async (status) => {
    const asked = ask((_request, response) => void response.writeHead(status).end())
    await expect(asked).rejects.toMatchObject({ code: 'unexpected_answer', status })
  })

  it('redirects: the token request is not sent to the target', async () => {
    const asked = ask((_request, response) => void response.writeHead(307, { location: '/b' }).end())
    await expect(asked).rejects.toMatchObject({ code: 'unexpected_answer', status: 307 })
    expect(requests).toBe(1)
  })

  it.each([199, 600])('answers with the invalid status %d: a retryable failure', async (status) => {
    const asked = ask(({ socket }) => void socket.end(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`))
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', retryable: true, status: undefined })
  })

  it.each([
    ['before the answer', false],
    ['within its body', true],
  ])('an abort %s rejects and closes the connection', async (_title, hasBegun) => {
    const controller = new AbortController()
    let closed: Promise<unknown> | undefined
    const asked = ask(
      (request, response) => {
        closed = new Promise((resolve) => request.socket.on('close', resolve))
        if (hasBegun) response.write('{', () => setImmediate(() => controller.abort()))
        else controller.abort()
      },
      { ...attempt(), signal: controller.signal },
    )
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
    await closed
  })

  it('answers without end: reading stops and the connection is closed', async () => {
    let closed: Promise<unknown> | undefined
    const asked = ask((request, response) => {
      closed = new Promise((resolve) => request.socket.on('close', resolve))
      response.write('x'.repeat(1_000_000))
    })
    await expect(asked).rejects.toMatchObject({ code: 'unexpected_answer', status: 200 })
    await closed
  })

  it('gets each token request on a connection of its own', async () => {
    const request = await requester((_request, response) => void response.end(TOKEN))
    for (let times = 0; times < 3; times++) expect(await request()).toEqual(ISSUED)
    expect([requests, connections]).toEqual([3, 3])
  })

  it('closes a connection without an answer: the token request is sent once', async () => {
    let isClosing = false
    const request = await requester((_request, response) => {
      if (isClosing) response.destroy()
      else response.end(TOKEN)
    })
    await request()
    isClosing = true
    await expect(request()).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect(requests).toBe(2)
  })
})

it('Texas is asked by the global fetch where the platform has only that', async () => {
  vi.doMock('@portvakt/core/internal', async (original) => ({ ...(await original()), post: undefined }))
  vi.resetModules()
  const fetch = vi.fn(async () => new Response(TOKEN))
  vi.stubGlobal('fetch', fetch)
  const { texasSource: withoutPost } = await import('../src/texas-source.js')
  const source = withoutPost('http://127.0.0.1:1/token', { fetch: undefined, clock: createTestClock() })
  expect(await source.request(REQUEST, false, attempt())).toEqual(ISSUED)
  expect(fetch).toHaveBeenCalledTimes(1)
})
