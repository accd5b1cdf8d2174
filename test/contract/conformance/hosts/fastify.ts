import * as viaFastify from '@portvakt/fastify'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { type Api, guardedRoutes, READ, singleHeader } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, type Running, running } from '../host.js'
import type { Untyped } from '../uncalled.js'

/** The type of a Fastify instance depends on its server. The difference does not matter here. */
const http2 = () => fastify({ http2: true }) as unknown as FastifyInstance

export const hosts: readonly Host[] = [
  {
    name: 'Fastify 5',
    start: (api) => serveFastify(fastify(), api),
    startHttp2: (api) => serveFastify(http2(), api),
  },
]

export const begunHosts: readonly BegunHost[] = [
  { name: 'Fastify 5', protocol: 'HTTP/1', start: (stages) => begunOnFastify(fastify(), stages) },
  { name: 'Fastify 5', protocol: 'HTTP/2', start: (stages) => begunOnFastify(http2(), stages) },
]

export const uncalled = {
  Fastify: uncalledOnFastify,
}

async function serveFastify(app: FastifyInstance, api: Api): Promise<Running> {
  await onFastify(app, api).listen({ host: '127.0.0.1', port: 0 })
  return running(app.server)
}

/** Adds the API to a Fastify app. */
export function onFastify(app: FastifyInstance, api: Api): FastifyInstance {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf, maskinporten } = viaFastify
  const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
  const handler = async (request: FastifyRequest) => {
    api.handled()
    return { consumer: tokenOf(request).consumer.organisationNumber }
  }
  // With default deny, an open route must declare itself public.
  app.register(maskinporten, { validator: api.validator, defaultDeny: true })
  app.get('/open', { config: { maskinporten: 'public' } }, async () => ({ open: true }))
  for (const { path: url, requirement, validator } of guardedRoutes(api, singleHeader<FastifyRequest>)) {
    // A guard without a validator of its own uses the validator of the plugin.
    const options = validator === api.validator ? {} : { validator }
    const before = url === '/write' ? [guard(READ)] : []
    app.route({ method: METHODS, url, onRequest: [...before, guard(requirement, options)], handler })
  }
  for (const prefix of ['/router', '/mounted']) {
    app.register(
      async (child) => {
        child.addHook('onRequest', guard(READ))
        child.route({ method: METHODS, url: '/read', handler })
      },
      { prefix },
    )
  }
  return app
}

async function begunOnFastify(app: FastifyInstance, { validator, requirement, before, handle }: Stages) {
  app.addHook('onRequest', (_request, reply, done) => {
    before(reply.raw)
    done()
  })
  const onRequest = viaFastify.requireMaskinportenScope(requirement, { validator })
  app.get('/', { onRequest }, (_request, reply) => {
    reply.hijack()
    handle(reply.raw)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return running(app.server)
}

async function uncalledOnFastify(): Promise<string> {
  const app = fastify()
  app.get('/', { onRequest: viaFastify.requireMaskinportenScope as Untyped }, async () => 'hello')
  return Promise.resolve(app.ready()).then(() => 'started', String)
}
