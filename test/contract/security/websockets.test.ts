import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import fastifyWebsocket from '@fastify/websocket'
import { serve, upgradeWebSocket } from '@hono/node-server'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { createMaskinportenValidator } from '@portvakt/core'
import * as viaFastify from '@portvakt/fastify'
import * as viaHono from '@portvakt/hono'
import { createMockMaskinporten } from '@portvakt/mock'
import { MaskinportenGuard, MaskinportenModule } from '@portvakt/nestjs'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { guardUpgrades } from '../../../examples/websocket/src/guard-upgrades.js'
import { deferred } from '../../../packages/core/test/deferred.js'
import { running, upgrade } from '../conformance/host.js'

/**
 * docs/production.md, "WebSockets", describes the cases of this file. test/examples/websocket.deep.test.ts
 * covers the package ws, and unseen-routes.test.ts covers listeners for `upgrade` on the server of a guarded app.
 */

const SCOPE = 'nav:x.read'

const statusOf = async (...given: Parameters<typeof upgrade>) => (await upgrade(...given)).status

describe('a WebSocket', async () => {
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const good = `Bearer ${await mock.issueToken({ scope: SCOPE })}`
  const other = `Bearer ${await mock.issueToken({ scope: 'nav:x.write' })}`

  /** Opens a WebSocket with a valid token, sends a message if one is given, and returns the answer. */
  async function messageFrom(port: number, path: string, sent?: object): Promise<string> {
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization: good } })
    webSocket.on('open', () => sent && webSocket.send(JSON.stringify(sent)))
    const [message] = await once(webSocket, 'message')
    webSocket.terminate()
    return String(message)
  }

  it('with @fastify/websocket, a guard covers its WebSocket route, and `defaultDeny` refuses unguarded ones', async () => {
    const app = Fastify()
    await app.register(fastifyWebsocket)
    await app.register(viaFastify.maskinporten, { validator, defaultDeny: true })
    app.register(async (child) => {
      const onRequest = viaFastify.requireMaskinportenScope(SCOPE)
      child.get('/guarded', { websocket: true, onRequest }, (socket, one) =>
        socket.send(viaFastify.getMaskinportenToken(one).consumer.organisationNumber ?? ''),
      )
      child.get('/forgotten', { websocket: true }, (socket) => socket.send('open'))
    })
    await app.ready()
    const { port } = await running(app.server)
    const found = []
    for (const headers of [[], [other], [good, good], [good]]) {
      found.push(await statusOf(port, '/guarded', ...headers))
    }
    expect([found, await statusOf(port, '/forgotten', good)]).toEqual([[401, 403, 400, 101], 403])
    expect(await messageFrom(port, '/guarded')).toBe('314330897')
    await app.close()
  })

  describe('upgradeWebSocket on @hono/node-server', () => {
    async function start(own = validator) {
      const guard = viaHono.requireMaskinportenScope(SCOPE, { validator: own })
      const app = new Hono().get(
        '/',
        guard,
        upgradeWebSocket(() => ({})),
      )
      const websocket = { server: new WebSocketServer({ noServer: true }) }
      // ws allows an undefined option here, but @hono/node-server does not.
      const options = { fetch: app.fetch, port: 0, hostname: '127.0.0.1', websocket: websocket as never }
      const server = serve(options)
      await once(server, 'listening')
      return { server, ...(await running(server as Server)) }
    }

    test.each<[string, number, string[]]>([
      ['no token', 401, []],
      ['another scope', 403, [other]],
      ['a valid token', 101, [good]],
      // The server drops a second Authorization header before Hono sees the request.
      ['an invalid Authorization header after a valid one', 101, [good, 'Bearer x']],
      ['a valid Authorization header after an invalid one', 401, ['Bearer x', good]],
    ])(
      'if a guard precedes upgradeWebSocket, an upgrade with %s gets %i',
      async (_title, status, authorization) => {
        const { port, close } = await start()
        expect(await statusOf(port, '/', ...authorization)).toBe(status)
        await close()
      },
    )

    it('on @hono/node-server, a refused upgrade gets no answer if the server has another `upgrade` listener', async () => {
      const decided = deferred<void>()
      const own = createMaskinportenValidator({
        issuer: mock.issuer,
        fetch: mock.fetch,
        // `setImmediate` runs after the server has acted on the refusal.
        onDecision: () => void setImmediate(decided.resolve),
      })
      const { server, port, close } = await start(own)
      server.on(
        'upgrade',
        (_request: unknown, socket: Duplex) => void decided.promise.then(() => socket.destroy()),
      )
      await expect(upgrade(port, '/')).rejects.toThrow(/hang up|ECONNRESET/)
      await close()
    })
  })

  test.each(['no guard', 'a global guard'])(
    'a WebSocket of a NestJS gateway with %s is accepted without a token',
    async (kind) => {
      const ran: string[] = []
      @WebSocketGateway()
      class Gateway {
        handleConnection() {
          ran.push('connection')
        }

        @SubscribeMessage('ask')
        ask() {
          ran.push('message')
          return { event: 'answer', data: 'ok' }
        }
      }
      const isGlobal = kind === 'a global guard'
      const app = await NestFactory.create(
        {
          module: class AppModule {},
          imports: [MaskinportenModule.forRoot({ validator })],
          providers: [Gateway, ...(isGlobal ? [{ provide: APP_GUARD, useExisting: MaskinportenGuard }] : [])],
        },
        { logger: false },
      )
      await app.useWebSocketAdapter(new WsAdapter(app)).init()
      const { port } = await running(app.getHttpServer())

      expect([await statusOf(port, '/'), ran]).toEqual([101, ['connection']])
      // A global guard refuses the messages of a WebSocket, even with a valid token.
      const message = await messageFrom(port, '/', { event: 'ask', data: {} })
      expect(JSON.parse(message).event).toBe(isGlobal ? 'exception' : 'answer')
      expect(ran).toEqual(['connection', 'connection', ...(isGlobal ? [] : ['message'])])
      await app.close()
    },
  )

  it('guardUpgrades guards WebSockets on the server of a NestJS application', async () => {
    const app = await NestFactory.create({ module: class AppModule {} }, { logger: false })
    const webSockets = new WebSocketServer({ noServer: true })
    guardUpgrades(app.getHttpServer(), SCOPE, validator, (one, socket, head) =>
      webSockets.handleUpgrade(one, socket, head, () => undefined),
    )
    await app.init()
    const { port } = await running(app.getHttpServer())
    expect([await statusOf(port, '/'), await statusOf(port, '/', good)]).toEqual([401, 101])
    await app.close()
  })
})
