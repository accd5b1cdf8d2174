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
    // Answer health checks before the guard, because the platform sends them without a token.
    if (context.path === '/health') context.body = { ok: true }
    else if (context.path === '/vedtak') await next()
  })
  // The guard protects every middleware after it.
  app.use((context, next) => (context.method === 'POST' ? write(context, next) : read(context, next)))
  app.use(whoCalled)
  return app
}
