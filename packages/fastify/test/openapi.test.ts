import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import { addMaskinportenSecurity, openApiRoutes } from '@portvakt/fastify/openapi'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { headersWith, READ, validator, WRITE } from '../../../test/contract/adapter-world.js'
import { type Document, expectValid, INFO, scopesIn } from '../../core/test/openapi/documents.js'
import { ok } from './set-up.js'

const guard = (requirement: Parameters<typeof requireMaskinportenScope>[0]) =>
  requireMaskinportenScope(requirement, { validator })

const OPENAPI = { openapi: { openapi: '3.1.0' } }

/** Returns an application with these routes, and its secured document. */
async function appWith(
  routes: (app: FastifyInstance) => unknown,
  options: FastifyDynamicSwaggerOptions = OPENAPI,
) {
  const app = fastify()
  await app.register(openApiRoutes)
  await app.register(swagger, options)
  await routes(app)
  await app.ready()
  const document: object = addMaskinportenSecurity(app.swagger(), app)
  return { app, document: document as Document }
}

const documentOf = async (...given: Parameters<typeof appWith>) => (await appWith(...given)).document

/**
 * Adds open routes, routes with guards of their own, routes guarded by their context or an outer context, and
 * routes guarded in several of these ways.
 */
async function everyWay(app: FastifyInstance): Promise<void> {
  const shared = guard(READ)
  app.get('/open', ok)
  app.get('/own', { onRequest: shared }, ok)
  app.route({
    method: ['PUT', 'PATCH'],
    url: '/own/:id',
    onRequest: [async () => undefined, guard(WRITE)],
    handler: ok,
  })
  await app.register(
    async (inner) => {
      // Fastify also adds this route without the slash, but does not call `onRoute` for that second route.
      inner.get('/', { onRequest: shared }, ok)
      inner.get('/open', ok)
    },
    { prefix: '/slash' },
  )
  await app.register(
    async (inner) => {
      inner.get('/early', ok)
      inner.addHook('onRequest', guard({ scope: { anyOf: [READ, WRITE] } }))
      inner.post('/both', { onRequest: guard('nav:admin') }, ok)
      await inner.register(async (deeper) => {
        deeper.addHook('onRequest', guard('nav:deep'))
        deeper.get('/:id/files/*', ok)
      })
      await inner.register(async (deeper) => deeper.get('/around', ok))
    },
    { prefix: '/context' },
  )
  await app.register(async (inner) => {
    inner.addHook('onRequest', shared)
    inner.get('/same', { onRequest: shared }, ok)
    inner.get('/only-context', ok)
  })
  app.delete('/varying', { onRequest: guard(() => READ) }, ok)
}

const ALTERNATIVES = {
  'GET /open': undefined,
  'GET /own': [[READ]],
  'PUT /own/{id}': [[WRITE]],
  'PATCH /own/{id}': [[WRITE]],
  'GET /slash/': [[READ]],
  'GET /slash/open': undefined,
  'GET /context/early': [[READ], [WRITE]],
  'POST /context/both': [
    [READ, 'nav:admin'],
    [WRITE, 'nav:admin'],
  ],
  'GET /context/{id}/files/{*}': [
    [READ, 'nav:deep'],
    [WRITE, 'nav:deep'],
  ],
  'GET /context/around': [[READ], [WRITE]],
  'GET /same': [[READ]],
  'GET /only-context': [[READ]],
  'DELETE /varying': [[]],
}

describe('addMaskinportenSecurity', () => {
  it('every operation has the requirements of all guards on its route and on the enclosing contexts', async () => {
    expect(scopesIn(await documentOf(everyWay))).toEqual(ALTERNATIVES)
  })

  it('each route accepts a token with the documented scopes, and refuses a token without them', async () => {
    const { app, document } = await appWith(everyWay)
    let guarded = 0
    for (const [name, alternatives] of Object.entries(scopesIn(document))) {
      const [method = '', path = ''] = name.split(' ')
      const url = path.replace(/\{.*?\}/g, '1')
      const call = async (headers = {}) =>
        (await app.inject({ method: method as 'GET', url, headers })).statusCode
      expect(await call(), name).toBe(alternatives === undefined ? 200 : 401)
      for (const scopes of alternatives ?? []) {
        guarded++
        const granted = scopes.length > 0 ? scopes : [READ]
        expect(await call(await headersWith({ scope: granted.join(' ') })), name).toBe(200)
        const fewer = ['nav:other', ...granted.slice(1)]
        expect(await call(await headersWith({ scope: fewer.join(' ') })), name).toBe(403)
      }
    }
    expect(guarded).toBe(15)
  })

  it.each(['3.0.3', '3.1.0'])(
    'the Fastify document is valid by the schema of OpenAPI %s',
    async (openapi) => {
      await expectValid(await documentOf(everyWay, { openapi: { openapi, info: INFO } }))
    },
  )

  it('a description has each requirement of the guards on the route and on its context once', async () => {
    const { paths } = await documentOf(everyWay, { openapi: { openapi: '3.0.3' } })
    expect(paths['/context/both']?.['post']?.description).toBe(
      'Requires a token from Maskinporten:\n\n- scope: `nav:x.read or nav:x.write`\n- scope: `nav:admin`',
    )
  })

  it('operations are secured even if a server URL or a `transform` changes their path', async () => {
    const document = await documentOf((app) => app.get('/api/read', { onRequest: guard(READ) }, ok), {
      openapi: { openapi: '3.1.0', servers: [{ url: 'https://x.no/api' }] },
      transform: ({ schema, url }) => ({ schema, url: url.replace('read', 'renamed') }),
    })
    expect(scopesIn(document)).toEqual({ 'GET /renamed': [[READ]] })
  })

  it('a second registration of openApiRoutes, in a child context, has no effect', async () => {
    const document = await documentOf(async (app) => {
      app.get('/outer', { onRequest: guard(WRITE) }, ok)
      await app.register(async (inner) => {
        await inner.register(openApiRoutes)
        inner.get('/inner', { onRequest: guard(READ) }, ok)
      })
    })
    expect(scopesIn(document)).toEqual({ 'GET /outer': [[WRITE]], 'GET /inner': [[READ]] })
  })

  it('without guards, addMaskinportenSecurity only removes the internal marks of routes', async () => {
    const { app, document } = await appWith((app) => void app.get('/open', ok))
    const marked = JSON.stringify(app.swagger())
    expect(marked).toContain('x-portvakt-route')
    expect(JSON.stringify(document)).toBe(marked.replace(/"x-portvakt-route":\d+,?/, ''))
  })

  it('openApiRoutes declares its plugin name, and that it supports Fastify 5', () => {
    const meta: unknown = Reflect.get(openApiRoutes, Symbol.for('plugin-meta'))
    expect(meta).toEqual({ fastify: '5.x', name: '@portvakt/fastify/openapi' })
  })

  it('addMaskinportenSecurity keeps a hidden route hidden, and keeps the members of a route’s schema', async () => {
    const schema = { tags: ['vedtak'], description: 'Reads.' }
    const document = await documentOf((app) => {
      app.get('/hidden', { onRequest: guard(READ), schema: { hide: true } }, ok)
      app.get('/read/:id', { onRequest: guard(READ), schema }, ok)
    })
    expect(Object.keys(document.paths)).toEqual(['/read/{id}'])
    expect(document.paths['/read/{id}']?.['get']).toMatchObject({
      tags: ['vedtak'],
      description: expect.stringMatching(/^Reads\.\n\nRequires/),
    })
    expect(schema).not.toHaveProperty('x-portvakt-route')
  })

  it('the document has the requirement of a guard that a later `onRoute` hook adds', async () => {
    const document = await documentOf((app) => {
      app.addHook('onRoute', (route) => {
        route.onRequest = [guard(READ)]
      })
      app.get('/read', ok)
    })
    expect(scopesIn(document)).toEqual({ 'GET /read': [[READ]] })
  })

  it('addMaskinportenSecurity works as `transformObject`, together with the plugin and its default deny', async () => {
    const app = fastify()
    await app.register(openApiRoutes)
    await app.register(swagger, {
      openapi: { openapi: '3.1.0' },
      transformObject: (given) =>
        'openapiObject' in given ? addMaskinportenSecurity(given.openapiObject, app) : given.swaggerObject,
    })
    await app.register(maskinporten, { validator, defaultDeny: true })
    app.get('/read', { onRequest: requireMaskinportenScope(READ) }, ok)
    await app.ready()
    expect(scopesIn(app.swagger() as unknown as Document)).toEqual({ 'GET /read': [[READ]] })
  })

  it('on Fastify, the descriptions name the validator’s audience if the option `audience` is given', async () => {
    const { app } = await appWith((app) => app.get('/read', { onRequest: guard(READ) }, ok))
    const document = addMaskinportenSecurity(app.swagger(), app, { audience: 'https://api.example.no' })
    expect(JSON.stringify(document)).toContain('names https://api.example.no')
  })
})

describe('errors', () => {
  const document = { openapi: '3.1.0', paths: {} }

  it('addMaskinportenSecurity throws without openApiRoutes', () => {
    expect(() => addMaskinportenSecurity(document, fastify())).toThrow('await app.register(openApiRoutes)')
  })

  it('addMaskinportenSecurity throws before app.ready()', async () => {
    const app = fastify()
    await app.register(openApiRoutes)
    expect(() => addMaskinportenSecurity(document, app)).toThrow('call it after app.ready()')
  })

  it('addMaskinportenSecurity throws for a route that was registered before openApiRoutes', async () => {
    const app = fastify()
    await app.register(swagger, OPENAPI)
    app.get('/read/:id', { onRequest: guard(READ) }, ok)
    await app.register(openApiRoutes)
    await app.ready()
    expect(() => addMaskinportenSecurity(app.swagger(), app)).toThrow(
      'GET /read/{id} was registered before openApiRoutes, or a `transform` removed `x-portvakt-route` from its ' +
        'schema: register openApiRoutes first, and keep `x-` members',
    )
  })

  it('addMaskinportenSecurity does not change an operation that the application does not route', async () => {
    const paths = { '/elsewhere': { get: { responses: { '200': { description: 'OK' } } } } }
    const { app } = await appWith(async () => undefined)
    expect(addMaskinportenSecurity({ ...document, paths }, app)).toEqual({ ...document, paths })
  })

  it('addMaskinportenSecurity throws for a Swagger 2.0 document', async () => {
    await expect(documentOf(everyWay, { swagger: {} })).rejects.toThrow(/OpenAPI document of version 3/)
  })
})
