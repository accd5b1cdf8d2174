import * as viaKoa from '@portvakt/koa'
import Koa from 'koa'
import Koa2 from 'koa2'
import { type Api, REQUIREMENTS, requirementsByRequest } from '../api.js'
import { type Host, serve, serveHttp2 } from '../host.js'

const MAJORS: readonly [string, () => Koa][] = [
  ['Koa 3', () => new Koa()],
  ['Koa 2', () => new Koa2()],
]

export const koaHosts: readonly Host[] = MAJORS.map(([name, create]) => ({
  name,
  start: (api) => serve(onKoa(create(), api).callback()),
  startHttp2: (api) => serveHttp2(onKoa(create(), api).callback()),
}))

function onKoa(app: Koa, api: Api): Koa {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaKoa
  const { validator } = api
  // Otherwise Koa prints the application's errors.
  app.silent = true
  const handler: Koa.Middleware = (context) => {
    api.handled()
    context.body = { consumer: tokenOf(context).consumer.organisationNumber }
  }
  /** A minimal router, which Koa lacks. */
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
  const byRequest = requirementsByRequest((context: Koa.Context, name) => context.get(name) || undefined)
  for (const [path, requirement] of Object.entries(byRequest)) {
    route(path, guard(requirement, { validator }), handler)
  }
  route('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  route('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)
  for (const path of ['/router/read', '/mounted/read'])
    route(path, guard(REQUIREMENTS['/read'], { validator }), handler)
  return app
}
