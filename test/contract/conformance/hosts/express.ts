import type { IncomingMessage, ServerResponse } from 'node:http'
import * as viaExpress from '@portvakt/express'
import express, { type Express } from 'express'
import express4 from 'express4'
import { type Api, guardedRoutes, READ } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, serve, serveHttp2 } from '../host.js'
import { errorOver, type Untyped } from '../uncalled.js'

export const hosts: readonly Host[] = [
  { name: 'Express 5', start: (api) => serve(onExpress(express, api)) },
  { name: 'Express 4', start: (api) => serve(onExpress(express4, api)) },
]

export const begunHosts: readonly BegunHost[] = [
  { name: 'Express 5', protocol: 'HTTP/1', start: (stages) => serve(begunOnExpress(express, stages)) },
  { name: 'Express 4', protocol: 'HTTP/1', start: (stages) => serve(begunOnExpress(express4, stages)) },
  { name: 'a connect-style host', protocol: 'HTTP/1', start: (stages) => serve(begunOnConnect(stages)) },
  { name: 'a connect-style host', protocol: 'HTTP/2', start: (stages) => serveHttp2(begunOnConnect(stages)) },
]

export const uncalled = {
  'Express 5': () => uncalledOnExpress(express),
  'Express 4': () => uncalledOnExpress(express4),
}

/** The API as an Express app. */
export function onExpress(create: typeof express, api: Api): Express {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaExpress
  const header = (request: express.Request, name: string) => request.get(name)
  const app = create()
  const handler: express.RequestHandler = (request, response) => {
    api.handled()
    response.json({ consumer: tokenOf(request).consumer.organisationNumber })
  }
  app.get('/open', (_request, response) => void response.json({ open: true }))
  const read = guard(READ, { validator: api.validator })
  app.all('/write', read)
  for (const { path, requirement, validator } of guardedRoutes(api, header)) {
    app.all(path, guard(requirement, { validator }), handler)
  }
  app.use('/router', create.Router().use(read).all('/read', handler))
  const mounted = create()
  mounted.use(read)
  mounted.all('/read', handler)
  app.use('/mounted', mounted)
  return app
}

function begunOnExpress(create: typeof express, { validator, requirement, before, handle }: Stages) {
  const app = create()
  app.use((_request, response, next) => {
    before(response)
    next()
  })
  app.use(viaExpress.requireMaskinportenScope(requirement, { validator }))
  app.use((_request, response) => handle(response))
  return app
}

/** A host without Express that calls middleware with three arguments, as connect does. */
function begunOnConnect({ validator, requirement, before, handle }: Stages) {
  const guard = viaExpress.requireMaskinportenScope(requirement, { validator })
  return (request: IncomingMessage, response: ServerResponse) => {
    before(response)
    const next: express.NextFunction = (error?: unknown) => {
      if (error) throw error
      handle(response)
    }
    // Casts: the test shows that the guard needs only Node's request and response.
    guard(request as express.Request, response as express.Response, next)
  }
}

function uncalledOnExpress(create: typeof express): Promise<string> {
  const errors: unknown[] = []
  const app = create()
  app.use(viaExpress.requireMaskinportenScope as Untyped)
  app.use(((error, _request, response, _next) => {
    errors.push(error)
    response.status(500).end()
  }) satisfies express.ErrorRequestHandler)
  return errorOver(app, errors)
}
