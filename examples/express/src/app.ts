import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express, { type Express, type RequestHandler } from 'express'

export function createApp(): Express {
  const app = express()
  const whoCalled: RequestHandler = (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  }

  // This route comes before the guard, because the platform's health checks have no token.
  app.get('/health', (_request, response) => void response.json({ ok: true }))
  app.get('/vedtak', requireMaskinportenScope('portvakt:vedtak.read'), whoCalled)
  app.post(
    '/vedtak',
    requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] }),
    whoCalled,
  )
  return app
}
