import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import * as viaHono from '@portvakt/hono'
import { type Context, Hono } from 'hono'
import { type Api, guardedRoutes, READ } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, serve, serveHttp2 } from '../host.js'
import type { Untyped } from '../uncalled.js'

export const hosts: readonly Host[] = [
  {
    name: 'Hono',
    start: (api) => serve(getRequestListener(onHono(api).fetch)),
    startHttp2: (api) => serveHttp2(getRequestListener(onHono(api).fetch)),
  },
]

export const begunHosts: readonly BegunHost[] = [
  { name: 'Hono', protocol: 'HTTP/1', isWeb: true, start: (stages) => serve(begunOnHono(stages)) },
  { name: 'Hono', protocol: 'HTTP/2', isWeb: true, start: (stages) => serveHttp2(begunOnHono(stages)) },
]

export const uncalled = {
  Hono: uncalledOnHono,
}

/** The API as a Hono app. */
export function onHono(api: Api): Hono {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf } = viaHono
  const header = (context: Context, name: string) => context.req.header(name)
  const app = new Hono()
  app.onError(() => new Response('failed', { status: 500 }))
  const handler = (context: Context) => {
    api.handled()
    return context.json({ consumer: tokenOf(context).consumer.organisationNumber })
  }
  app.get('/open', (context) => context.json({ open: true }))
  const read = guard(READ, { validator: api.validator })
  app.use('/write', read)
  for (const { path, requirement, validator } of guardedRoutes(api, header)) {
    app.all(path, guard(requirement, { validator }), handler)
  }
  for (const path of ['/router', '/mounted']) app.route(path, new Hono().use(read).all('/read', handler))
  return app
}

function begunOnHono({ validator, requirement, before, handle }: Stages) {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (context, next) => {
    before(context.env.outgoing)
    await next()
  })
  app.use(viaHono.requireMaskinportenScope(requirement, { validator }))
  app.get('/', (context) => {
    handle(context.env.outgoing)
    // A header marks this response as already sent. @hono/node-server reads that header only in the clone: it
    // does not read the headers of its own Response class.
    return RESPONSE_ALREADY_SENT.clone()
  })
  return getRequestListener(app.fetch)
}

async function uncalledOnHono(): Promise<string> {
  const errors: unknown[] = []
  const app = new Hono().use(viaHono.requireMaskinportenScope as Untyped).onError((error, c) => {
    errors.push(error)
    return c.text('', 500)
  })
  await app.request('/')
  return String(errors[0])
}
