import { getRequestListener } from '@hono/node-server'
import * as viaExpress from '@portvakt/express'
import * as viaFetch from '@portvakt/fetch'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import express, { type Express } from 'express'
import express4 from 'express4'
import { type Context, Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'
import { type Api, computedFrom, REQUIREMENTS } from './api.js'
import { type Host, serve, serveHttp2 } from './host.js'

/** Every host that must answer alike. */
export const HOSTS: readonly Host[] = [
  { name: 'Express 5', start: (api) => serve(onExpress(express, api)) },
  { name: 'Express 4', start: (api) => serve(onExpress(express4, api)) },
  {
    name: 'Koa 3',
    start: (api) => serve(onKoa(new Koa(), api).callback()),
    startHttp2: (api) => serveHttp2(onKoa(new Koa(), api).callback()),
  },
  {
    name: 'Koa 2',
    start: (api) => serve(onKoa(new Koa2(), api).callback()),
    startHttp2: (api) => serveHttp2(onKoa(new Koa2(), api).callback()),
  },
  {
    name: 'Hono',
    start: (api) => serve(getRequestListener(onHono(api).fetch)),
    startHttp2: (api) => serveHttp2(getRequestListener(onHono(api).fetch)),
  },
  {
    name: 'fetch',
    start: (api) => serve(getRequestListener(onFetch(api))),
    startHttp2: (api) => serveHttp2(getRequestListener(onFetch(api))),
  },
]

function onExpress(create: typeof express, api: Api): Express {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaExpress
  const { validator } = api
  const app = create()
  const handler: express.RequestHandler = (request, response) => {
    api.handled()
    response.json({ consumer: tokenOf(request).consumer.organisationNumber })
  }
  app.get('/open', (_request, response) => void response.json({ open: true }))
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    const before = path === '/write' ? [guard(REQUIREMENTS['/read'], { validator })] : []
    app.all(path, ...before, guard(requirement, { validator }), handler)
  }
  const byHeader = computedFrom((request: express.Request) => request.get('x-scope'))
  app.all('/computed', guard(byHeader, { validator }), handler)
  app.all('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  app.all('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)

  const sub = create.Router().use(guard(REQUIREMENTS['/read'], { validator })).all('/read', handler)
  app.use('/router', sub)
  const mounted = create()
  mounted.use(guard(REQUIREMENTS['/read'], { validator }))
  mounted.all('/read', handler)
  app.use('/mounted', mounted)
  return app
}

function onKoa(app: Koa, api: Api): Koa {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaKoa
  const { validator } = api
  // The framework's own report of the application's errors would clutter the test run.
  app.silent = true
  const handler: Koa.Middleware = (context) => {
    api.handled()
    context.body = { consumer: tokenOf(context).consumer.organisationNumber }
  }
  /** What a router does: Koa itself has none. */
  const route = (path: string, ...steps: Koa.Middleware[]) =>
    app.use((context, next) => {
      if (context.path !== path) return next()
      const run = (index: number): Promise<unknown> =>
        Promise.resolve(steps[index]?.(context, () => run(index + 1)))
      return run(0)
    })
  route('/open', (context) => {
    context.body = { open: true }
  })
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    const before = path === '/write' ? [guard(REQUIREMENTS['/read'], { validator })] : []
    route(path, ...before, guard(requirement, { validator }), handler)
  }
  const byHeader = computedFrom((context: Koa.Context) => context.get('x-scope') || undefined)
  route('/computed', guard(byHeader, { validator }), handler)
  route('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  route('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)
  for (const path of ['/router/read', '/mounted/read'])
    route(path, guard(REQUIREMENTS['/read'], { validator }), handler)
  return app
}

function onHono(api: Api): Hono {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaHono
  const { validator } = api
  const app = new Hono()
  app.onError(() => new Response('failed', { status: 500 }))
  const handler = (context: Context) => {
    api.handled()
    return context.json({ consumer: tokenOf(context).consumer.organisationNumber })
  }
  app.get('/open', (context) => context.json({ open: true }))
  app.use('/write', guard(REQUIREMENTS['/read'], { validator }))
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    app.all(path, guard(requirement, { validator }), handler)
  }
  const byHeader = computedFrom((context: Context) => context.req.header('x-scope'))
  app.all('/computed', guard(byHeader, { validator }), handler)
  app.all('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  app.all('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)
  for (const path of ['/router', '/mounted']) {
    const sub = new Hono().use(guard(REQUIREMENTS['/read'], { validator })).all('/read', handler)
    app.route(path, sub)
  }
  return app
}

function onFetch(api: Api): (request: Request) => Promise<Response> {
  const { requireMaskinportenScope: guard } = viaFetch
  const { validator } = api
  const handler: viaFetch.GuardedHandler<Request, []> = (_request, token) => {
    api.handled()
    return Response.json({ consumer: token.consumer.organisationNumber })
  }
  const guarded = new Map<string, (request: Request) => Promise<Response>>()
  for (const [path, requirement] of Object.entries(REQUIREMENTS)) {
    guarded.set(path, guard(requirement, { validator })(handler))
  }
  const write = guard(REQUIREMENTS['/write'], { validator })(handler)
  guarded.set(
    '/write',
    guard(REQUIREMENTS['/read'], { validator })((request) => write(request)),
  )
  const byHeader = computedFrom((request: Request) => request.headers.get('x-scope') ?? undefined)
  guarded.set('/computed', guard(byHeader, { validator })(handler))
  guarded.set('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline })(handler))
  guarded.set('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow })(handler))
  const read = guard(REQUIREMENTS['/read'], { validator })(handler)
  for (const path of ['/router/read', '/mounted/read']) guarded.set(path, read)

  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/open') return Response.json({ open: true })
    try {
      return (await guarded.get(pathname)?.(request)) ?? new Response('not found', { status: 404 })
    } catch {
      return new Response('failed', { status: 500 })
    }
  }
}
