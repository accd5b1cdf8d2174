import { getMaskinportenToken, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'

/** An API with a public route, a route for readers, and a route for writers from one organisation. */
export async function createApp(): Promise<FastifyInstance> {
  const app = Fastify()
  // Requests to a route without a guard are refused, unless it is declared public.
  await app.register(maskinporten, { defaultDeny: true })

  app.get('/health', { config: { maskinporten: 'public' } }, async () => ({ ok: true }))
  app.get('/vedtak', { onRequest: requireMaskinportenScope('portvakt:vedtak.read') }, whoCalled)
  app.post(
    '/vedtak',
    { onRequest: requireMaskinportenScope({ scope: 'portvakt:vedtak.write', consumers: ['314330897'] }) },
    whoCalled,
  )
  return app
}

async function whoCalled(request: FastifyRequest) {
  return { consumer: getMaskinportenToken(request).consumer.organisationNumber }
}
