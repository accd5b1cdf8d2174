import * as viaKoa from '@portvakt/koa'
import Koa from 'koa'
import Koa2 from 'koa2'
import { type Api, guardedRoutes, READ } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, serve, serveHttp2 } from '../host.js'
import { errorOver, type Untyped } from '../uncalled.js'

const MAJORS: readonly [string, () => Koa][] = [
  ['Koa 3', () => new Koa()],
  ['Koa 2', () => new Koa2()],
]

export const hosts: readonly Host[] = MAJORS.map(([name, create]) => ({
  name,
  start: (api) => serve(onKoa(create(), api).callback()),
  startHttp2: (api) => serveHttp2(onKoa(create(), api).callback()),
}))

export const begunHosts: readonly BegunHost[] = [
  { name: 'Koa 3', protocol: 'HTTP/1', start: (stages) => serve(begunOnKoa(new Koa(), stages)) },
  { name: 'Koa 2', protocol: 'HTTP/1', start: (stages) => serve(begunOnKoa(new Koa2(), stages)) },
  { name: 'Koa 3', protocol: 'HTTP/2', start: (stages) => serveHttp2(begunOnKoa(new Koa(), stages)) },
]

export const uncalled = {
  'Koa 3': () => uncalledOnKoa(new Koa()),
  'Koa 2': () => uncalledOnKoa(new Koa2()),
}

/** Adds the API to a Koa app. */
export function onKoa(app: Koa, api: Api): Koa {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaKoa
  const header = (context: Koa.Context, name: string) => context.get(name) || undefined
  // Keeps Koa from printing the errors of the application.
  app.silent = true
  const handler: Koa.Middleware = (context) => {
    api.handled()
    context.body = { consumer: tokenOf(context).consumer.organisationNumber }
  }
  /** A minimal router. Koa does not include a router. */
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
  const read = guard(READ, { validator: api.validator })
  for (const { path, requirement, validator } of guardedRoutes(api, header)) {
    route(path, ...(path === '/write' ? [read] : []), guard(requirement, { validator }), handler)
  }
  for (const path of ['/router/read', '/mounted/read']) route(path, read, handler)
  return app
}

function begunOnKoa(app: Koa, { validator, requirement, before, handle }: Stages) {
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

function uncalledOnKoa(app: Koa): Promise<string> {
  const errors: unknown[] = []
  app.use(viaKoa.requireMaskinportenScope as Untyped).on('error', (error) => errors.push(error))
  return errorOver(app.callback(), errors)
}
