import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getMaskinportenToken, type MaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import express, { type Express, type Request, type Response } from 'express'

/**
 * The provider: an API with a public route, a route for readers, and a route for writers from one
 * organisation.
 */
export function createApi(validator: MaskinportenValidator, writers: readonly string[]): Express {
  const app = express()
  // This route comes before the guard, because the platform's health checks have no token.
  app.get('/health', (_request, response) => void response.json({ up: validator.health().usable }))

  app.use(requireMaskinportenScope('portvakt:vedtak.read', { validator }))
  app.get('/vedtak', whoCalled)
  app.post(
    '/vedtak',
    requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: writers }, { validator }),
    whoCalled,
  )
  return app
}

function whoCalled(request: Request, response: Response): void {
  const { consumer, supplier, scopes } = getMaskinportenToken(request)
  response.json({ consumer: consumer.organisationNumber, supplier: supplier?.organisationNumber, scopes })
}

/** Serves an app on a free port on this machine. */
export async function serve(app: Express): Promise<{ server: Server; url: string }> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A listening TCP server always has an `AddressInfo`.
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
