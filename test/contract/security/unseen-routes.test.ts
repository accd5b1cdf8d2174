import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Controller, Get } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { createMaskinportenValidator } from '@portvakt/core'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import { MaskinportenGuard, MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import express, { type NextFunction, type Request, type Response } from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Context, Hono } from 'hono'
import Koa from 'koa'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { type Running, running, send, sendHttp2, serve } from '../conformance/host.js'

/**
 * Routes and events that a guard does not cover (docs/production.md, "What a middleware does not see"). No call
 * has a token.
 */
const SCOPE = 'nav:x.read'
const { issuer, fetch } = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer, fetch })
const guard = viaExpress.requireMaskinportenScope(SCOPE, { validator })
const koaGuard = viaKoa.requireMaskinportenScope(SCOPE, { validator })
const honoGuard = viaHono.requireMaskinportenScope(SCOPE, { validator })

describe('routes outside a guard', () => {
  const ok = async () => 'ok'

  /** Calls each path, and compares its status. */
  async function expectStatuses({ port, close }: Running, statuses: Record<string, number>) {
    const paths = Object.keys(statuses)
    const found = await Promise.all(paths.map(async (path) => [path, (await send(port, 'GET', path)).status]))
    await close()
    expect(Object.fromEntries(found)).toEqual(statuses)
  }

  const handler = (_request: Request, response: Response) => void response.send('ok')

  it('an Express guard does not cover routes, routers and static files that are added before the guard', async () => {
    const files = express.static(fileURLToPath(new URL('.', import.meta.url)))
    const app = express()
    app.all('/early', handler)
    app.use('/router', express.Router().get('/', handler))
    app.use('/files', files)
    app.use(guard)
    app.all('/late', handler)
    app.use('/late-files', files)
    await expectStatuses(await serve(app), {
      '/early': 200,
      '/router': 200,
      '/files/README.md': 200,
      '/late': 401,
      '/late-files/README.md': 401,
    })
  })

  it('an app.param callback runs before the guard of a route, but not before a guard of the whole app', async () => {
    const looked: string[] = []
    const create = () => {
      const app = express()
      app.param('id', (_request, _response, next, id) => {
        looked.push(id)
        next()
      })
      return app
    }
    const byRoute = create().get('/vedtak/:id', guard, handler)
    const byApp = create().use(guard).get('/vedtak/:id', handler)
    await expectStatuses(await serve(byRoute), { '/vedtak/route': 401 })
    await expectStatuses(await serve(byApp), { '/vedtak/app': 401 })
    expect(looked).toEqual(['route'])
  })

  it('Express skips a guard after an error, and runs later routes if an error handler calls next', async () => {
    const failing = (_request: Request, _response: Response, next: NextFunction) => next(new Error('failed'))
    const recover = (_error: Error, _request: Request, _response: Response, next: NextFunction) => next()
    const late = express().use(failing, guard, recover).all('/late', handler)
    const early = express().use(guard, failing, recover).all('/early', handler)
    await expectStatuses(await serve(late), { '/late': 200 })
    await expectStatuses(await serve(early), { '/early': 401 })
  })

  it('an Express guard on a path that is case-sensitive does not cover a router that is not', async () => {
    const create = () => express().enable('case sensitive routing')
    const byPath = create().use('/api', guard).use(express.Router().all('/api/x', handler))
    const inRouter = create().use(express.Router().use('/api', guard).all('/api/x', handler))
    await expectStatuses(await serve(byPath), { '/api/x': 401, '/API/x': 200 })
    await expectStatuses(await serve(inRouter), { '/api/x': 401, '/API/x': 401 })
  })

  it('a Koa guard does not cover middleware that is added before the guard', async () => {
    const app = new Koa()
    const route = (path: string): Koa.Middleware => {
      return (context, next) => {
        if (context.path !== path) return next()
        context.body = 'ok'
        return undefined
      }
    }
    app.use(route('/early')).use(koaGuard).use(route('/late'))
    await expectStatuses(await serve(app.callback()), { '/early': 200, '/late': 401 })
  })

  it.each([false, true])(
    'a Fastify guard does not cover routes outside its plugin context (default deny: %j)',
    async (closed) => {
      const app: FastifyInstance = Fastify()
      if (closed) await app.register(viaFastify.maskinporten, { validator, defaultDeny: true })
      app.get('/outside', ok)
      app.register(async (child) => {
        child.get('/earlier', ok)
        child.addHook('onRequest', viaFastify.requireMaskinportenScope(SCOPE, { validator }))
        child.get('/later', ok)
        child.register(async (grandchild) => void grandchild.get('/inside', ok))
      })
      app.register(async (sibling) => void sibling.get('/sibling', ok))
      await app.listen({ host: '127.0.0.1', port: 0 })
      await expectStatuses(await running(app.server), {
        '/outside': closed ? 403 : 200,
        '/earlier': 401,
        '/later': 401,
        '/inside': 401,
        '/sibling': closed ? 403 : 200,
      })
    },
  )

  it.each([false, true])(
    'the default deny of Fastify leaves the 404 handler open (guarded context: %j)',
    async (isGuarded) => {
      const app = Fastify()
      await app.register(viaFastify.maskinporten, { validator, defaultDeny: true })
      if (isGuarded) app.addHook('onRequest', viaFastify.requireMaskinportenScope(SCOPE))
      app.setNotFoundHandler((_request, reply) => reply.code(200).send('ok'))
      expect((await app.inject('/unknown')).statusCode).toBe(isGuarded ? 401 : 200)
    },
  )

  it('a global NestJS guard does not cover middleware, or routes of the HTTP adapter', async () => {
    @Controller()
    class GuardedController {
      @Get('guarded')
      @RequireMaskinportenScope(SCOPE)
      get() {
        return 'ok'
      }
    }
    const module = {
      module: class AppModule {},
      imports: [MaskinportenModule.forRoot({ validator })],
      controllers: [GuardedController],
      providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
    }
    const app = await NestFactory.create(module, new ExpressAdapter(), { logger: false })
    app.use('/middleware', handler)
    app.getHttpAdapter().get('/adapter', handler)
    app.use('/behind', guard, handler)
    await app.listen(0, '127.0.0.1')
    await expectStatuses(await running(app.getHttpServer()), {
      '/middleware': 200,
      '/adapter': 200,
      '/behind': 401,
      '/guarded': 401,
    })
  })

  it('a Hono guard does not cover routes and mounted apps that are added before the guard', async () => {
    const answer = (context: Context) => context.text('ok')
    const app = new Hono().get('/early', answer).route('/mounted', new Hono().get('/', answer))
    app.use(honoGuard).get('/late', answer)
    const paths = ['/early', '/mounted', '/late']
    const answers = await Promise.all(paths.map((path) => app.request(path)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401])
  })

  it('a Hono guard on a path without a wildcard does not cover the paths below', async () => {
    const guardIn = (path: string) =>
      new Hono().use(path, honoGuard).get('/api/*', (context) => context.text('ok'))
    const statuses = (app: Hono) =>
      Promise.all(['/api', '/api/x'].map(async (path) => (await app.request(path)).status))
    expect(await statuses(guardIn('/api'))).toEqual([401, 200])
    expect(await statuses(guardIn('/api/*'))).toEqual([401, 401])
  })
})

describe.each(['Express', 'Koa'])('server events of a guarded app on %s', (name) => {
  let ran: string[]
  let server: Server
  const run = () => void ran.push('handler')
  const onKoa = () => new Koa().use(koaGuard).use(run).callback()
  const onExpress = () => express().use(guard).use(run)
  beforeEach(() => {
    ran = []
    server = createServer(name === 'Koa' ? onKoa() : onExpress())
  })

  /** Sends these lines, and returns everything received until the connection ends. */
  async function exchange(...lines: readonly string[]): Promise<string> {
    const { port, close } = await running(server)
    const socket = connect(port, '127.0.0.1')
    socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`)
    const received = await text(socket)
    await close()
    return received
  }

  const NOTHING = /^$/
  const OK = /^HTTP\/1\.1 200 /
  const UNAUTHORIZED = /^HTTP\/1\.1 401 /
  const UPGRADE = ['GET / HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: websocket']
  const CONNECT = ['CONNECT localhost:80 HTTP/1.1']
  const CONTINUE = ['POST / HTTP/1.1', 'Connection: close', 'Content-Length: 0', 'Expect: 100-continue']
  const EXPECTATION = ['GET / HTTP/1.1', 'Connection: close', 'Expect: something']

  test.each<[string, readonly string[], RegExp]>([
    ['upgrade', UPGRADE, NOTHING],
    ['connect', CONNECT, NOTHING],
    ['checkContinue', CONTINUE, OK],
    ['checkExpectation', EXPECTATION, OK],
  ])(
    `on ${name}, a server’s listener for %s gets the request, and the guarded app does not`,
    async (event, lines, answer) => {
      server.on(event, (_request, socketOrResponse) => {
        ran.push(event)
        socketOrResponse.end()
      })
      expect(await exchange(...lines)).toMatch(answer)
      expect(ran).toEqual([event])
    },
  )

  test.each<[string, readonly string[], RegExp]>([
    ['upgrade, the guard refuses an upgrade', UPGRADE, UNAUTHORIZED],
    ['connect, Node closes the connection of a CONNECT request', CONNECT, NOTHING],
    [
      'checkContinue, Node sends 100 Continue before the guard refuses',
      CONTINUE,
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /,
    ],
    ['checkExpectation, Node refuses any expectation but 100-continue', EXPECTATION, /^HTTP\/1\.1 417 /],
  ])(`on ${name}, without a listener for %s`, async (_title, lines, answer) => {
    expect(await exchange(...lines)).toMatch(answer)
    expect(ran).toEqual([])
  })

  it(`on ${name}, a server’s listener for checkContinue can pass the request to the guard`, async () => {
    server.on('checkContinue', (request, response) => server.emit('request', request, response))
    expect(await exchange(...CONTINUE)).toMatch(UNAUTHORIZED)
    expect(ran).toEqual([])
  })

  it(`on ${name}, a second listener for requests also gets the request that the guard refuses`, async () => {
    server.on('request', () => ran.push('request'))
    expect(await exchange('GET / HTTP/1.1', 'Connection: close')).toMatch(UNAUTHORIZED)
    expect(ran).toEqual(['request'])
  })

  // Express does not serve HTTP/2.
  it.skipIf(name === 'Express')(
    `on ${name} over HTTP/2, a listener for streams also gets a refused request`,
    async () => {
      // The type of Koa's listener allows only HTTP/1.
      const http2 = createHttp2Server(onKoa() as never).on('stream', () => ran.push('stream'))
      const { port, close } = await running(http2)
      expect(await sendHttp2(port, '/', [])).toMatchObject({ status: 401 })
      expect(ran).toEqual(['stream'])
      await close()
    },
  )
})
