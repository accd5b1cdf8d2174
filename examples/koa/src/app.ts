import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/koa'
import Koa, { type Middleware } from 'koa'

export function createApp(): Koa {
  const app = new Koa()
  const read = requireMaskinportenScope('portvakt:vedtak.read')
  const write = requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] })
  const whoCalled: Middleware = (context) => {
    context.body = { consumer: getMaskinportenToken(context).consumer.organisationNumber }
  }

  app.use(async (context, next) => {
    // Before any guard: the platform that asks has no token.
    if (context.path === '/health') context.body = { ok: true }
    else if (context.path === '/vedtak') await next()
  })
  // The guard's place in the chain is what protects: everything after it has been let in.
  app.use((context, next) => (context.method === 'POST' ? write(context, next) : read(context, next)))
  app.use(whoCalled)
  return app
}
