import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import express, { type NextFunction, type Request, type Response } from 'express'
import express4 from 'express4'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'
import { running, serve, serveHttp2 } from '../host.js'
import { begunNestHosts } from './nest-hosts.js'
import type { BegunHost, Stages } from './stages.js'

/** The hosts on Node whose guard can run after other middleware. */
export const BEGUN_HOSTS: readonly BegunHost[] = [
  { name: 'Express 5', protocol: 'HTTP/1', start: (stages) => serve(onExpress(express, stages)) },
  { name: 'Express 4', protocol: 'HTTP/1', start: (stages) => serve(onExpress(express4, stages)) },
  { name: 'a connect-style host', protocol: 'HTTP/1', start: (stages) => serve(onConnect(stages)) },
  { name: 'a connect-style host', protocol: 'HTTP/2', start: (stages) => serveHttp2(onConnect(stages)) },
  { name: 'Koa 3', protocol: 'HTTP/1', start: (stages) => serve(onKoa(new Koa(), stages)) },
  { name: 'Koa 2', protocol: 'HTTP/1', start: (stages) => serve(onKoa(new Koa2(), stages)) },
  { name: 'Koa 3', protocol: 'HTTP/2', start: (stages) => serveHttp2(onKoa(new Koa(), stages)) },
  { name: 'Fastify 5', protocol: 'HTTP/1', start: (stages) => onFastify(fastify(), stages) },
  {
    name: 'Fastify 5',
    protocol: 'HTTP/2',
    // Fastify types an instance by its server. The difference does not matter here.
    start: (stages) => onFastify(fastify({ http2: true }) as unknown as FastifyInstance, stages),
  },
  ...begunNestHosts,
  { name: 'Hono', protocol: 'HTTP/1', isWeb: true, start: (stages) => serve(onHono(stages)) },
  { name: 'Hono', protocol: 'HTTP/2', isWeb: true, start: (stages) => serveHttp2(onHono(stages)) },
]

function onExpress(create: typeof express, { validator, requirement, before, handle }: Stages) {
  const app = create()
  app.use((_request, response, next) => {
    before(response)
    next()
  })
  app.use(viaExpress.requireMaskinportenScope(requirement, { validator }))
  app.use((_request, response) => handle(response))
  return app
}

/** A host that only knows middleware with three arguments. */
function onConnect({ validator, requirement, before, handle }: Stages) {
  const guard = viaExpress.requireMaskinportenScope(requirement, { validator })
  return (request: IncomingMessage, response: ServerResponse) => {
    before(response)
    const next: NextFunction = (error?: unknown) => {
      if (error) throw error
      handle(response)
    }
    // The guard must need only Node's request and response.
    guard(request as Request, response as Response, next)
  }
}

function onKoa(app: Koa, { validator, requirement, before, handle }: Stages) {
  app.silent = true
  app.use((context, next) => {
    before(context.res)
    return next()
  })
  app.use(viaKoa.requireMaskinportenScope(requirement, { validator }))
  app.use((context) => {
    context.respond = false
    handle(context.res)
  })
  return app.callback()
}

function onHono({ validator, requirement, before, handle }: Stages) {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (context, next) => {
    before(context.env.outgoing)
    await next()
  })
  app.use(viaHono.requireMaskinportenScope(requirement, { validator }))
  app.get('/', (context) => {
    handle(context.env.outgoing)
    // A clone, because @hono/node-server would write its own class without a look at the headers.
    return RESPONSE_ALREADY_SENT.clone()
  })
  return getRequestListener(app.fetch)
}

async function onFastify(app: FastifyInstance, { validator, requirement, before, handle }: Stages) {
  app.addHook('onRequest', (_request, reply, done) => {
    before(reply.raw)
    done()
  })
  const onRequest = viaFastify.requireMaskinportenScope(requirement, { validator })
  app.get('/', { onRequest }, (_request, reply) => {
    reply.hijack()
    handle(reply.raw)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return running(app.server)
}
