import { securityOf } from '@portvakt/core/openapi'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/hono'
import { type Context, Hono } from 'hono'
import { INFO, READ, WRITE } from './document.js'

/**
 * An API with its OpenAPI document at `/openapi.json`. The document's operations are built from the results
 * of `securityOf`.
 */
export function createHonoApp(): Hono {
  const app = new Hono()
  const whoCalled = (context: Context) =>
    context.json({ consumer: getMaskinportenToken(context).consumer.organisationNumber })

  const ok = { '200': { description: 'The consumer.' } }
  const [read, write] = [securityOf(READ), securityOf(WRITE)]
  const document = {
    openapi: '3.1.0',
    info: INFO,
    paths: {
      '/health': { get: { responses: { '200': { description: 'The API is alive.' } } } },
      '/vedtak': {
        get: { ...read.operation, responses: { ...ok, ...read.operation.responses } },
        post: { ...write.operation, responses: { ...ok, ...write.operation.responses } },
      },
    },
    // The components are the same for every requirement.
    components: read.components,
  }

  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/openapi.json', (context) => context.json(document))
  app.get('/vedtak', requireMaskinportenScope(READ), whoCalled)
  app.post('/vedtak', requireMaskinportenScope(WRITE), whoCalled)
  return app
}
