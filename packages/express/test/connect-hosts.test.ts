import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import middie from '@fastify/middie'
import { getMaskinportenToken, type MaskinportenHandler, requireMaskinportenScope } from '@portvakt/express'
import connect from 'connect'
import fastify from 'fastify'
import { createApp, eventHandler, fromNodeMiddleware, toNodeListener } from 'h3'
import polka from 'polka'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'
import { running, send } from '../../../test/contract/conformance/host.js'

const answer = (incoming: IncomingMessage, response: ServerResponse) => {
  response.end(getMaskinportenToken(incoming).consumer.organisationNumber)
}

const HOSTS: readonly (readonly [string, (guard: MaskinportenHandler) => Server | Promise<Server>])[] = [
  ['connect', (guard) => createServer(connect().use(guard).use(answer))],
  ['polka', (guard) => createServer(polka().use(guard).get('/', answer).handler as RequestListener)],
  [
    'h3',
    (guard) => {
      const app = createApp({ onError: () => undefined }).use(fromNodeMiddleware(guard as never))
      return createServer(toNodeListener(app.use(eventHandler(({ node }) => answer(node.req, node.res)))))
    },
  ],
  [
    '@fastify/middie',
    async (guard) => {
      const app = fastify()
      await app.register(middie)
      app.use(guard)
      app.get('/', async ({ raw }) => getMaskinportenToken(raw).consumer.organisationNumber)
      await app.ready()
      return app.server
    },
  ],
]

const { authorization } = await headersWith({ consumer: '889640782' })

describe.each(HOSTS)('the Express guard on %s', (name, serverWith) => {
  async function call(guard: MaskinportenHandler, ...values: string[]) {
    const { port, close } = await running(await serverWith(guard))
    onTestFinished(close)
    return send(
      port,
      'GET',
      '/',
      values.map((value) => ['Authorization', value]),
    )
  }
  const guard = requireMaskinportenScope(READ, { validator })

  it(`on ${name}, the Express guard passes a request with a valid token to the handler`, async () => {
    expect(await call(guard, authorization)).toMatchObject({ status: 200, body: '889640782' })
  })

  it(`on ${name}, a request without a token gets 401 and the denial body`, async () => {
    const { status, headers, body } = await call(guard)
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect(JSON.parse(body)).toMatchObject({ status: 401, reason: 'no_credentials' })
  })

  it(`on ${name}, a request with two Authorization headers gets 400`, async () => {
    expect((await call(guard, authorization, authorization)).status).toBe(400)
  })

  it(`on ${name}, an error thrown by \`authorize\` reaches the framework, which answers 500`, async () => {
    const authorize = () => Promise.reject(new Error('database'))
    const failing = requireMaskinportenScope({ scope: READ, authorize }, { validator })
    expect((await call(failing, authorization)).status).toBe(500)
  })
})

it('on h3, no handler runs if the caller hangs up before the decision, and h3 gets an error', async () => {
  const [handled, onError, caller] = [vi.fn(() => 'handled'), vi.fn(), new AbortController()]
  let response: ServerResponse
  const authorize = async () => {
    const closed = once(response, 'close')
    caller.abort()
    await closed
    return false
  }
  const guard = requireMaskinportenScope({ scope: READ, authorize }, { validator })
  const app = createApp({ onError })
    .use(fromNodeMiddleware(guard as never))
    .use(eventHandler(handled))
  let answered: Promise<void> | undefined
  const server = createServer((incoming, outgoing) => {
    response = outgoing
    answered = Promise.resolve(toNodeListener(app)(incoming, outgoing))
  })
  const { port, close } = await running(server)
  onTestFinished(close)
  const asked = fetch(`http://127.0.0.1:${port}/`, { headers: { authorization }, signal: caller.signal })
  await expect(asked).rejects.toThrow('aborted')
  await answered
  expect(handled).not.toHaveBeenCalled()
  expect(onError.mock.calls).toEqual([
    [expect.objectContaining({ message: 'The caller hung up' }), expect.anything()],
  ])
})

it('the Express guard calls `next` only once if `next` throws, and leaves the error unhandled', async () => {
  const own = new Error('host')
  const calls: unknown[][] = []
  const guard = requireMaskinportenScope(READ, { validator })
  const server = createServer((incoming, response) =>
    guard(incoming, response, (...given) => {
      calls.push(given)
      response.end()
      throw own
    }),
  )
  // Vitest would report the rejection as a failure.
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  try {
    const unhandled = once(process, 'unhandledRejection')
    const { port } = await running(server)
    await send(port, 'GET', '/', [['Authorization', authorization]])
    expect(await unhandled).toEqual([own, expect.any(Promise)])
    expect(calls).toEqual([[]])
  } finally {
    for (const listener of listeners) process.on('unhandledRejection', listener)
    server.close()
  }
})
