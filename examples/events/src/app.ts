import { getMaskinportenToken, type MaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import express, { type Express } from 'express'
import type { Registry } from 'prom-client'

export function createApp(validator: MaskinportenValidator, registry: Registry): Express {
  const app = express()
  // This route is only for the platform: do not expose it on the ingress.
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics())
  })
  app.get('/vedtak', requireMaskinportenScope('portvakt:vedtak.read', { validator }), (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  })
  return app
}
