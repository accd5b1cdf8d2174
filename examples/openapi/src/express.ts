import { secureOperation } from '@portvakt/core/openapi'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express, { type Express, type RequestHandler } from 'express'
import { DOCUMENT, READ, WRITE } from './document.js'

/**
 * An API with its OpenAPI document at `/openapi.json`. `secureOperation` is called for each guarded
 * operation.
 */
export function createExpressApp(): Express {
  const app = express()
  const whoCalled: RequestHandler = (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  }
  let document = secureOperation(DOCUMENT, 'get', '/vedtak', READ)
  document = secureOperation(document, 'post', '/vedtak', WRITE)

  app.get('/health', (_request, response) => void response.json({ ok: true }))
  app.get('/openapi.json', (_request, response) => void response.json(document))
  app.get('/vedtak', requireMaskinportenScope(READ), whoCalled)
  app.post('/vedtak', requireMaskinportenScope(WRITE), whoCalled)
  return app
}
