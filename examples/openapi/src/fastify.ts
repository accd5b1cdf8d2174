import swagger from '@fastify/swagger'
import { getMaskinportenToken, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import { addMaskinportenSecurity, openApiRoutes } from '@portvakt/fastify/openapi'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { INFO, READ, WRITE } from './document.js'

/**
 * An API with its OpenAPI document at `/openapi.json`. The requirements come from the guards of the routes.
 */
export async function createFastifyApp(): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(openApiRoutes)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: INFO },
    transformObject: (given) =>
      'openapiObject' in given ? addMaskinportenSecurity(given.openapiObject, app) : given.swaggerObject,
  })
  await app.register(maskinporten, { defaultDeny: true })

  const open = { config: { maskinporten: 'public' } } as const
  app.get('/health', open, async () => ({ ok: true }))
  app.get('/openapi.json', { ...open, schema: { hide: true } }, async () => app.swagger())
  app.get('/vedtak', { onRequest: requireMaskinportenScope(READ) }, whoCalled)
  app.post('/vedtak', { onRequest: requireMaskinportenScope(WRITE) }, whoCalled)
  return app
}

async function whoCalled(request: FastifyRequest) {
  return { consumer: getMaskinportenToken(request).consumer.organisationNumber }
}
