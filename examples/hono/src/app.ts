import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/hono'
import { type Context, Hono } from 'hono'

export function createApp(): Hono {
  const app = new Hono()
  const whoCalled = (context: Context) =>
    context.json({ consumer: getMaskinportenToken(context).consumer.organisationNumber })

  // This route comes before the guard, because the platform's health checks have no token.
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/vedtak', requireMaskinportenScope('portvakt:vedtak.read'), whoCalled)
  app.post(
    '/vedtak',
    requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] }),
    whoCalled,
  )
  return app
}
