import { secureOperation } from '@portvakt/core/openapi'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/koa'
import Koa from 'koa'
import { DOCUMENT, READ, WRITE } from './document.js'

/**
 * An API with its OpenAPI document at `/openapi.json`. The document has version 3.0, in which scopes are only
 * in the descriptions.
 */
export function createKoaApp(): Koa {
  const app = new Koa()
  const [read, write] = [requireMaskinportenScope(READ), requireMaskinportenScope(WRITE)]
  let document = secureOperation({ ...DOCUMENT, openapi: '3.0.3' }, 'get', '/vedtak', READ)
  document = secureOperation(document, 'post', '/vedtak', WRITE)

  app.use(async (context, next) => {
    if (context.path === '/health') context.body = { ok: true }
    else if (context.path === '/openapi.json') context.body = document
    else if (context.path === '/vedtak') await next()
  })
  app.use((context, next) => (context.method === 'POST' ? write(context, next) : read(context, next)))
  app.use((context) => {
    context.body = { consumer: getMaskinportenToken(context).consumer.organisationNumber }
  })
  return app
}
