import { request as httpRequest } from 'node:http'
import { connect } from 'node:http2'
import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { headersWith, loggingTo, mock, ok, READ, validator, WRITE } from './set-up.js'

let handled: number
let failures: unknown[]
let api: FastifyInstance
beforeEach(() => {
  handled = 0
  failures = []
  api = Fastify()
})
afterEach(() => api.close())

type Requirement = AccessRequirement<FastifyRequest>
const guardOf = (requirement: Requirement) => requireMaskinportenScope(requirement, { validator })

/** Adds an application-wide guard and a second guard on POST /write. */
function guarded(requirement: Requirement = READ, route: Requirement = WRITE): FastifyInstance {
  api.setErrorHandler((error, _request, reply) => {
    failures.push(error)
    return reply.code(500).send({ failed: true })
  })
  api.addHook('onRequest', guardOf(requirement))
  api.all('/read', async (request) => {
    handled++
    return { consumer: getMaskinportenToken(request).consumer, same: request.maskinporten !== undefined }
  })
  api.post('/write', { onRequest: [guardOf(route)] }, async () => ({ count: ++handled }))
  return api
}
const read = async (method: 'GET' | 'PUT' = 'GET') =>
  api.inject({ method, url: '/read', headers: await headersWith() })

it('the Fastify guard passes a request with a valid token to the handler', async () => {
  const headers = await headersWith({ consumer: '889640782' })
  const response = await guarded().inject({ url: '/read', headers })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({
    consumer: { authority: 'iso6523-actorid-upis', id: '0192:889640782', organisationNumber: '889640782' },
    same: true,
  })
})

it('the Fastify guard gives a request without a token the denial’s status, headers and body', async () => {
  const response = await guarded().inject('/read')
  expect([response.statusCode, handled]).toEqual([401, 0])
  expect(response.headers).toMatchObject({
    'www-authenticate': 'Bearer realm="maskinporten"',
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
  })
  expect(response.json()).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
})

it('the application’s serializers and response schemas do not change a denial', async () => {
  api.addHook('onRequest', async (_request, reply) => void reply.serializer(() => 'changed'))
  const schema = { response: { '4xx': { type: 'object', properties: { only: { type: 'string' } } } } }
  api.get('/', { schema, onRequest: guardOf(READ) }, ok)
  expect((await api.inject('/')).json()).toMatchObject({ status: 401, reason: 'no_credentials' })
})

it('a route’s guard also applies to requests that an application-wide guard allows', async () => {
  guarded(READ, { scope: WRITE, consumers: ['889640782'] })
  const call = async (token: object) =>
    api.inject({ method: 'POST', url: '/write', headers: await headersWith(token) })
  expect((await call({})).headers['www-authenticate']).toBe(
    `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
  )
  expect((await call({ scope: WRITE, consumer: '889640782' })).statusCode).toBe(403)
  expect((await call({ scope: `${READ} ${WRITE}` })).statusCode).toBe(403)
  expect(handled).toBe(0)
  expect((await call({ scope: `${READ} ${WRITE}`, consumer: '889640782' })).json()).toEqual({ count: 1 })
})

it('the Fastify guard refuses a request before Fastify reads the body', async () => {
  const sent = { headers: { 'content-type': 'application/json' }, payload: '{ not json' }
  const response = await guarded().inject({ method: 'POST', url: '/read', ...sent })
  expect(response.statusCode).toBe(401)
})

it('the Fastify guard of a GET route covers the HEAD route that Fastify adds', async () => {
  api.get('/', { onRequest: guardOf(READ) }, ok)
  expect((await api.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(401)
  const headers = await headersWith()
  expect((await api.inject({ method: 'HEAD', url: '/', headers })).statusCode).toBe(200)
})

it('a requirement function gets the Fastify request', async () => {
  guarded((request) => (request.method === 'GET' ? READ : WRITE))
  expect((await read('GET')).statusCode).toBe(200)
  expect((await read('PUT')).statusCode).toBe(403)
})

it('an error thrown by `authorize` reaches the error handler unchanged', async () => {
  const own = new Error('database')
  guarded({ scope: READ, authorize: () => Promise.reject(own) })
  expect((await read()).statusCode).toBe(500)
  expect([failures, handled]).toEqual([[own], 0])
  expect(failures[0]).toBe(own)
})

test.each([undefined, null, 'route', 0, ''])(
  'the response is 500 if `authorize` rejects with %j',
  async (thrown) => {
    guarded({ scope: READ, authorize: () => Promise.reject(thrown) })
    expect([(await read()).statusCode, handled]).toEqual([500, 0])
    expect(failures[0]).toMatchObject({ message: expect.stringMatching(/not an error/), cause: thrown })
  },
)

function signal() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

test.each([1, 2])(
  'if the caller disconnects while keys load, no handler runs and nothing is logged (HTTP/%i)',
  async (version) => {
    const [fetching, loading, left] = [signal(), signal(), signal()]
    const slow = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: async (url, init) => {
        fetching.resolve()
        await loading.promise
        return mock.fetch(url, init)
      },
    })
    const logged: string[] = []
    const guard = requireMaskinportenScope(READ, { validator: slow })
    const handler = async () => ++handled
    const onRequestAbort = async () => left.resolve()
    const method = 'GET' as const
    const route = { method, url: '/read', onRequest: [guard, guard], onRequestAbort, handler }
    const later = { method, url: '/later', onRequest: [guard, guard, guard], handler: ok }
    const options = loggingTo(logged)
    const server =
      version === 1
        ? Fastify(options).route(route).route(later)
        : Fastify({ ...options, http2: true })
            .route(route)
            .route(later)
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const headers = await headersWith()
    const session = version === 2 ? connect(url) : undefined
    const call = session?.request({ ':path': '/read', ...headers }) ?? httpRequest(`${url}/read`, { headers })
    call.on('error', () => undefined).end()
    await fetching.promise
    ;(session ?? call).destroy()
    await left.promise
    loading.resolve()
    // This request starts later and passes more guards, so it ends after the aborted one.
    expect((await server.inject({ url: '/later', headers })).statusCode).toBe(200)
    await new Promise((resolve) => setImmediate(resolve))
    expect([handled, logged]).toEqual([0, []])
    await server.close()
  },
)

describe('configuration errors', () => {
  it('an invalid scope throws when the Fastify guard is created', () => {
    expect(() => guardOf('sykepenger/afp.read')).toThrow(/nais\.yaml/)
    expect(() => requireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
  })

  it.each<[string, object, RegExp]>([
    ['an unknown option', { validater: validator }, /requireMaskinportenScope has no option `validater`/],
    ['an invalid validator', { validator: {} }, /`validator`/],
    ['an undefined validator', { validator: undefined }, /`validator`/],
  ])('%s throws when the guard is created', (_title, options, message) => {
    expect(() => requireMaskinportenScope(READ, options)).toThrow(message)
  })

  test.each<[string, (server: FastifyInstance) => unknown]>([
    ['a route', (server) => server.get('/', { onRequest: requireMaskinportenScope(READ) }, ok)],
    ['an array of hooks', (server) => server.get('/', { onRequest: [requireMaskinportenScope(READ)] }, ok)],
    ['a call of addHook', (server) => server.addHook('onRequest', requireMaskinportenScope(READ, {}))],
    [
      'a child context',
      (server) =>
        server.register(async (child) => {
          child.addHook('onRequest', requireMaskinportenScope(READ)).get('/', ok)
        }),
    ],
  ])('without an issuer, the application does not start if a guard is in %s', async (_title, guard) => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    guard(api)
    await expect(api.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })
})

it('getMaskinportenToken for Fastify throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({} as FastifyRequest)).toThrow(message)
})
