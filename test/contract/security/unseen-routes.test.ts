import { fileURLToPath } from 'node:url'
import { Controller, Get, Module } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { createMaskinportenValidator } from '@portvakt/core'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import { MaskinportenGuard, MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import express, { type Request, type Response } from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { type Running, running, send, serve } from '../conformance/host.js'

/**
 * Routes that a guard does not cover (docs/production.md, "What a middleware does not see"). No call has a
 * token.
 */
describe('routes outside a guard', async () => {
  const { issuer, fetch } = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer, fetch })
  const SCOPE = 'nav:x.read'
  const ok = async () => 'ok'

  /** Calls each path, and returns the statuses. */
  async function statuses({ port, close }: Running, ...paths: string[]) {
    const found: Record<string, number | undefined> = {}
    for (const path of paths) found[path] = (await send(port, 'GET', path)).status
    await close()
    return found
  }

  describe('on Express', () => {
    const guard = viaExpress.requireMaskinportenScope(SCOPE, { validator })
    const handler = (_request: Request, response: Response) => void response.send('ok')

    it('an Express guard does not cover routes, routers and static files before it', async () => {
      const app = express()
      app.all('/early', handler)
      app.use('/router', express.Router().get('/', handler))
      app.use('/files', express.static(fileURLToPath(new URL('.', import.meta.url))))
      app.use(guard)
      app.all('/late', handler)
      app.use('/late-files', express.static(fileURLToPath(new URL('.', import.meta.url))))
      const paths = ['/early', '/router', '/files/README.md', '/late', '/late-files/README.md']
      expect(await statuses(await serve(app), ...paths)).toEqual({
        '/early': 200,
        '/router': 200,
        '/files/README.md': 200,
        '/late': 401,
        '/late-files/README.md': 401,
      })
    })

    it('a callback of app.param runs before the guard of a route, and after the guard of the app', async () => {
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
      expect(await statuses(await serve(byRoute), '/vedtak/route')).toEqual({ '/vedtak/route': 401 })
      expect(await statuses(await serve(byApp), '/vedtak/app')).toEqual({ '/vedtak/app': 401 })
      expect(looked).toEqual(['route'])
    })
  })

  it('a Koa guard does not cover middleware before it', async () => {
    const app = new Koa()
    const route = (path: string): Koa.Middleware => {
      return (context, next) => {
        if (context.path !== path) return next()
        context.body = 'ok'
        return undefined
      }
    }
    app.use(route('/early')).use(viaKoa.requireMaskinportenScope(SCOPE, { validator })).use(route('/late'))
    expect(await statuses(await serve(app.callback()), '/early', '/late')).toEqual({
      '/early': 200,
      '/late': 401,
    })
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
      const paths = ['/outside', '/earlier', '/later', '/inside', '/sibling']
      expect(await statuses(await running(app.server), ...paths)).toEqual({
        '/outside': closed ? 403 : 200,
        '/earlier': 401,
        '/later': 401,
        '/inside': 401,
        '/sibling': closed ? 403 : 200,
      })
    },
  )

  it('a global NestJS guard does not cover middleware and routes of the adapter', async () => {
    @Controller()
    class GuardedController {
      @Get('guarded')
      @RequireMaskinportenScope(SCOPE)
      get() {
        return 'ok'
      }
    }
    @Module({
      imports: [MaskinportenModule.forRoot({ validator })],
      controllers: [GuardedController],
      providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false })
    app.use('/middleware', (_request: Request, response: Response) => void response.send('ok'))
    app.getHttpAdapter().get('/adapter', (_request: Request, response: Response) => void response.send('ok'))
    const guard = viaExpress.requireMaskinportenScope(SCOPE, { validator })
    app.use('/behind', guard, (_request: Request, response: Response) => void response.send('ok'))
    await app.listen(0, '127.0.0.1')
    const paths = ['/middleware', '/adapter', '/behind', '/guarded']
    expect(await statuses(await running(app.getHttpServer()), ...paths)).toEqual({
      '/middleware': 200,
      '/adapter': 200,
      '/behind': 401,
      '/guarded': 401,
    })
  })

  it('a Hono guard does not cover routes and mounted apps before it', async () => {
    const app = new Hono()
      .get('/early', (context) => context.text('ok'))
      .route(
        '/mounted',
        new Hono().get('/', (context) => context.text('ok')),
      )
      .use(viaHono.requireMaskinportenScope(SCOPE, { validator }))
      .get('/late', (context) => context.text('ok'))
    const found = []
    for (const path of ['/early', '/mounted', '/late']) found.push((await app.request(path)).status)
    expect(found).toEqual([200, 200, 401])
  })
})
