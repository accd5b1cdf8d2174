import { getRequestListener } from '@hono/node-server'
import * as viaHono from '@portvakt/hono'
import { type Context, Hono } from 'hono'
import { type Api, REQUIREMENTS, requirementsByRequest } from '../api.js'
import { type Host, serve, serveHttp2 } from '../host.js'

export const honoHosts: readonly Host[] = [
  {
    name: 'Hono',
    start: (api) => serve(getRequestListener(onHono(api).fetch)),
    startHttp2: (api) => serveHttp2(getRequestListener(onHono(api).fetch)),
  },
]

/** The API, for whatever serves a `fetch` handler. */
export function onHono(api: Api): Hono {
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
  const byRequest = requirementsByRequest((context: Context, name) => context.req.header(name))
  for (const [path, requirement] of Object.entries(byRequest)) {
    app.all(path, guard(requirement, { validator }), handler)
  }
  app.all('/offline', guard(REQUIREMENTS['/read'], { validator: api.offline }), handler)
  app.all('/slow', guard(REQUIREMENTS['/read'], { validator: api.slow }), handler)
  for (const path of ['/router', '/mounted']) {
    const sub = new Hono().use(guard(REQUIREMENTS['/read'], { validator })).all('/read', handler)
    app.route(path, sub)
  }
  return app
}
