import { getRequestListener } from '@hono/node-server'
import { requireMaskinportenScope } from '@portvakt/hono'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { READ, validator } from '../adapter-world.js'
import { send, serve } from './host.js'

const stream = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)) })
const DESCRIBED = { 'content-length': '5', 'content-encoding': 'gzip' }

// The request is sent over a socket, because a wrong `content-length` breaks only an answer over a socket.
test.each<[string, () => Response]>([
  ['a streamed body', () => new Response(stream())],
  ['headers that describe its body', () => new Response('early', { headers: DESCRIBED })],
  ['a transfer coding', () => new Response('early', { headers: { 'transfer-encoding': 'chunked' } })],
])('a refusal replaces an earlier response that has %s, and arrives complete', async (_title, create) => {
  const app = new Hono()
    .use((context, next) => {
      context.res = create()
      return next()
    })
    .use(requireMaskinportenScope(READ, { validator }))
    .get('/', () => expect.unreachable('the handler ran'))
  const { port, close } = await serve(getRequestListener(app.fetch))
  const { status, headers, body } = await send(port, 'GET', '/')
  await close()
  expect([status, JSON.parse(body).reason]).toEqual([401, 'no_credentials'])
  expect(headers).not.toHaveProperty('content-encoding')
  expect(headers['cache-control']).toBe('no-store')
})
