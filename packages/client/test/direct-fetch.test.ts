import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createTestClock } from '@portvakt/mock'
import { afterEach, expect, it, vi } from 'vitest'
import { directFetch } from '../src/direct-fetch.js'
import { exchange } from '../src/exchange.js'

let server: Server | undefined
afterEach(() => {
  vi.unstubAllGlobals()
  server?.closeAllConnections()
  server?.close()
})

/** Posts to a server on loopback, without the global `fetch`. */
async function post(listener: RequestListener, signal = new AbortController().signal) {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const fetch = directFetch()
  if (!fetch) throw new Error('there is no direct fetch')
  vi.stubGlobal('fetch', () => expect.unreachable('the global fetch was used'))
  const wire = { fetch, clock: createTestClock() }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"asked":"æ"}' }
  return exchange(`http://127.0.0.1:${port}/`, init, wire, signal)
}

it('sends method, media type and body, and reads status, body and Retry-After', async () => {
  const answer = await post(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked = JSON.parse(Buffer.concat(chunks).toString())
    const { method, headers } = request
    response.writeHead(503, { 'retry-after': '7' })
    response.end(JSON.stringify({ method, type: headers['content-type'], ...asked }))
  })
  const body = { method: 'POST', type: 'application/json', asked: 'æ' }
  expect(answer).toEqual({ status: 503, body, retryAfter: 7 })
})

it.each([204, 205, 304])('reads %d, which has no body', async (status) => {
  const answer = await post((_request, response) => void response.writeHead(status).end())
  expect(answer).toEqual({ status, body: undefined, retryAfter: undefined })
})

it('does not follow a redirect', async () => {
  const answer = await post((_request, response) => void response.writeHead(307, { location: '/b' }).end())
  expect(answer.status).toBe(307)
})

it.each([199, 600])('fails as a network does for the status %d', async (status) => {
  const refused = post(({ socket }) => void socket.end(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`))
  await expect(refused).rejects.toMatchObject({ code: 'unavailable', retryable: true })
})

it.each([
  ['before the answer', false],
  ['within its body', true],
])('an abort %s rejects and closes the connection', async (_title, hasBegun) => {
  const controller = new AbortController()
  let closed: Promise<unknown> | undefined
  const asked = post((request, response) => {
    closed = new Promise((resolve) => request.socket.on('close', resolve))
    if (hasBegun) response.write('{', () => setImmediate(() => controller.abort()))
    else controller.abort()
  }, controller.signal)
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
  await closed
})

it('stops reading an answer that is too long', async () => {
  let closed: Promise<unknown> | undefined
  const answer = await post((request, response) => {
    closed = new Promise((resolve) => request.socket.on('close', resolve))
    response.write('x'.repeat(1_000_000))
  })
  expect(answer).toMatchObject({ status: 200, body: undefined })
  await closed
})

it.each(['bun', 'deno'])('is undefined on %s, which has a fetch of its own', (runtime) => {
  vi.stubGlobal('process', { ...process, versions: { node: '24.0.0', [runtime]: '1.0.0' } })
  expect(directFetch()).toBeUndefined()
})

it('is undefined without a process', () => {
  vi.stubGlobal('process', undefined)
  expect(directFetch()).toBeUndefined()
})
