import { request as httpRequest } from 'node:http'
import { connect } from 'node:http2'
import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'

const READ = 'nav:x.read'
const WRITE = 'nav:x.write'

let mock: MockMaskinporten
let validator: MaskinportenValidator
beforeAll(async () => {
  mock = await createMockMaskinporten()
})
beforeEach(() => {
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
})

const bearer = async (options: object = {}) => `Bearer ${await mock.issueToken({ scope: READ, ...options })}`

let handled: number
let failures: unknown[]
let api: FastifyInstance
afterEach(() => api?.close())

/** Creates an application with an application-wide guard and a second guard on POST /write. */
function app(
  requirement: AccessRequirement<FastifyRequest>,
  route: AccessRequirement<FastifyRequest> = WRITE,
): FastifyInstance {
  handled = 0
  failures = []
  api = Fastify()
  api.setErrorHandler((error, _request, reply) => {
    failures.push(error)
    return reply.code(500).send({ failed: true })
  })
  api.register(async (open) => open.get('/health', async () => 'ok'))
  api.register(async (guarded) => {
    guarded.addHook('onRequest', requireMaskinportenScope(requirement, { validator }))
    guarded.all('/read', async (request) => {
      handled++
      return { consumer: getMaskinportenToken(request).consumer, same: request.maskinporten !== undefined }
    })
    guarded.post('/write', { onRequest: [requireMaskinportenScope(route, { validator })] }, async () => {
      handled++
      return {}
    })
  })
  return api
}

it('a route outside the guard’s context is open', async () => {
  const { statusCode, body } = await app(READ).inject('/health')
  expect([statusCode, body]).toEqual([200, 'ok'])
})

it('a valid token reaches the handler', async () => {
  const authorization = await bearer({ consumer: '889640782' })
  const response = await app(READ).inject({ url: '/read', headers: { authorization } })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({
    consumer: { authority: 'iso6523-actorid-upis', id: '0192:889640782', organisationNumber: '889640782' },
    same: true,
  })
})

it('a request without a token gets the denial’s status, headers and body', async () => {
  const response = await app(READ).inject('/read')
  expect(response.statusCode).toBe(401)
  expect(response.headers).toMatchObject({
    'www-authenticate': 'Bearer realm="maskinporten"',
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
  })
  expect(response.json()).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
  expect(handled).toBe(0)
})

it('the application’s serializers and response schemas do not change a denial', async () => {
  api = Fastify()
  api.addHook('onRequest', async (_request, reply) => void reply.serializer(() => 'changed'))
  const schema = { response: { '4xx': { type: 'object', properties: { only: { type: 'string' } } } } }
  api.get('/', { schema, onRequest: requireMaskinportenScope(READ, { validator }) }, async () => 'no')
  expect((await api.inject('/')).json()).toMatchObject({ status: 401, reason: 'no_credentials' })
})

it('a route’s guard also applies to requests that an application-wide guard allows', async () => {
  app(READ, { scope: WRITE, consumers: ['889640782'] })
  const call = async (token: object) =>
    api.inject({ method: 'POST', url: '/write', headers: { authorization: await bearer(token) } })
  expect((await call({})).headers['www-authenticate']).toBe(
    `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
  )
  expect((await call({ scope: WRITE, consumer: '889640782' })).statusCode).toBe(403)
  expect((await call({ scope: `${READ} ${WRITE}` })).statusCode).toBe(403)
  expect(handled).toBe(0)
  expect((await call({ scope: `${READ} ${WRITE}`, consumer: '889640782' })).statusCode).toBe(200)
  expect(handled).toBe(1)
})

it('the guard refuses a request before Fastify reads the body', async () => {
  const response = await app(READ).inject({
    method: 'POST',
    url: '/read',
    headers: { 'content-type': 'application/json' },
    payload: '{ not json',
  })
  expect(response.statusCode).toBe(401)
})

it('the guard of a GET route covers the HEAD route that Fastify adds', async () => {
  api = Fastify()
  api.get('/', { onRequest: requireMaskinportenScope(READ, { validator }) }, async () => 'ok')
  expect((await api.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(401)
  const headers = { authorization: await bearer() }
  expect((await api.inject({ method: 'HEAD', url: '/', headers })).statusCode).toBe(200)
})

it('a requirement function gets the Fastify request', async () => {
  app((request) => (request.method === 'GET' ? READ : WRITE))
  const headers = { authorization: await bearer() }
  expect((await api.inject({ method: 'GET', url: '/read', headers })).statusCode).toBe(200)
  expect((await api.inject({ method: 'PUT', url: '/read', headers })).statusCode).toBe(403)
})

it('an error thrown by `authorize` reaches the error handler unchanged', async () => {
  const own = new Error('database')
  app({ scope: READ, authorize: () => Promise.reject(own) })
  const response = await api.inject({ url: '/read', headers: { authorization: await bearer() } })
  expect(response.statusCode).toBe(500)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toBe(own)
  expect(handled).toBe(0)
})

test.each([undefined, null, 'route', 0, ''])(
  '`authorize` rejecting with %j results in 500',
  async (thrown) => {
    app({ scope: READ, authorize: () => Promise.reject(thrown) })
    const response = await api.inject({ url: '/read', headers: { authorization: await bearer() } })
    expect([response.statusCode, handled]).toEqual([500, 0])
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
    validator = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: async (url, init) => {
        fetching.resolve()
        await loading.promise
        return mock.fetch(url, init)
      },
    })
    const logged: string[] = []
    const logger = { level: 'warn', stream: { write: (line: string) => void logged.push(line) } }
    handled = 0
    const guard = requireMaskinportenScope(READ, { validator })
    const handler = async () => ++handled
    const onRequestAbort = async () => left.resolve()
    const method = 'GET' as const
    const route = { method, url: '/read', onRequest: [guard, guard], onRequestAbort, handler }
    const later = { method, url: '/later', onRequest: [guard, guard, guard], handler: async () => 'ok' }
    const server =
      version === 1
        ? Fastify({ logger }).route(route).route(later)
        : Fastify({ logger, http2: true }).route(route).route(later)
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const authorization = await bearer()
    const session = version === 2 ? connect(url) : undefined
    const call =
      session?.request({ ':path': '/read', authorization }) ??
      httpRequest(`${url}/read`, { headers: { authorization } })
    call.on('error', () => undefined).end()
    await fetching.promise
    ;(session ?? call).destroy()
    await left.promise
    loading.resolve()
    // This request starts later and passes more guards, so it ends after the aborted one.
    const laterCall = await server.inject({ url: '/later', headers: { authorization } })
    expect(laterCall.statusCode).toBe(200)
    await new Promise((resolve) => setImmediate(resolve))
    expect([handled, logged]).toEqual([0, []])
    await server.close()
  },
)

describe('configuration errors', () => {
  it('an invalid scope throws when the guard is created', () => {
    expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
    expect(() => requireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
  })

  it('an unknown option and an invalid validator throw when the guard is created', () => {
    expect(() => requireMaskinportenScope(READ, { validater: validator } as never)).toThrow(
      /requireMaskinportenScope has no option `validater`/,
    )
    expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
    expect(() => requireMaskinportenScope(READ, { validator: undefined } as never)).toThrow(/`validator`/)
  })

  test.each<[string, (server: FastifyInstance) => void]>([
    ['a route', (server) => server.get('/', { onRequest: requireMaskinportenScope(READ) }, async () => '')],
    [
      'an array of hooks',
      (server) => server.get('/', { onRequest: [requireMaskinportenScope(READ)] }, async () => ''),
    ],
    ['addHook', (server) => server.addHook('onRequest', requireMaskinportenScope(READ, {}))],
    [
      'a child context',
      (server) =>
        server.register(
          async (child) =>
            void child.addHook('onRequest', requireMaskinportenScope(READ)).get('/', async () => ''),
        ),
    ],
  ])('the start fails without an issuer in the environment: a guard in %s', async (_title, guard) => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    api = Fastify()
    guard(api)
    await expect(api.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })
})

it('getMaskinportenToken throws if no guard ran', () => {
  expect(() => getMaskinportenToken({} as FastifyRequest)).toThrow(
    /No Maskinporten guard ran.*requireMaskinportenScope/,
  )
})
