import * as viaFastify from '@portvakt/fastify'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { type Api, REQUIREMENTS, requirementsByRequest } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, type Running, running } from '../host.js'
import type { Untyped } from '../uncalled.js'

export const hosts: readonly Host[] = [
  {
    name: 'Fastify 5',
    start: (api) => onFastify(fastify(), api),
    // Fastify types an instance by its server. The difference does not matter here.
    startHttp2: (api) => onFastify(fastify({ http2: true }) as unknown as FastifyInstance, api),
  },
]

export const begunHosts: readonly BegunHost[] = [
  { name: 'Fastify 5', protocol: 'HTTP/1', start: (stages) => begunOnFastify(fastify(), stages) },
  {
    name: 'Fastify 5',
    protocol: 'HTTP/2',
    // Fastify types an instance by its server. The difference does not matter here.
    start: (stages) => begunOnFastify(fastify({ http2: true }) as unknown as FastifyInstance, stages),
  },
]

export const uncalled = {
  Fastify: uncalledOnFastify,
}

async function onFastify(app: FastifyInstance, api: Api): Promise<Running> {
  const { requireMaskinportenScope: guard, getMaskinportenToken: tokenOf, maskinporten } = viaFastify
  const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
  const handler = async (request: FastifyRequest) => {
    api.handled()
    return { consumer: tokenOf(request).consumer.organisationNumber }
  }
  // With default deny, an open route must declare itself public.
  await app.register(maskinporten, { validator: api.validator, defaultDeny: true })
  app.route({
    method: 'GET',
    url: '/open',
    config: { maskinporten: 'public' },
    handler: async () => ({ open: true }),
  })
  for (const [url, requirement] of Object.entries(REQUIREMENTS)) {
    const before = url === '/write' ? [guard(REQUIREMENTS['/read'])] : []
    app.route({ method: METHODS, url, onRequest: [...before, guard(requirement)], handler })
  }
  const byRequest = requirementsByRequest((request: FastifyRequest, name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  })
  for (const [url, requirement] of Object.entries(byRequest)) {
    app.route({ method: METHODS, url, onRequest: guard(requirement), handler })
  }
  for (const [url, validator] of [
    ['/offline', api.offline],
    ['/slow', api.slow],
  ] as const) {
    app.route({ method: METHODS, url, onRequest: guard(REQUIREMENTS['/read'], { validator }), handler })
  }
  for (const prefix of ['/router', '/mounted']) {
    await app.register(
      async (child) => {
        child.addHook('onRequest', guard(REQUIREMENTS['/read']))
        child.route({ method: METHODS, url: '/read', handler })
      },
      { prefix },
    )
  }
  await app.listen({ host: '127.0.0.1', port: 0 })
  return running(app.server)
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
