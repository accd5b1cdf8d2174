import { request as httpRequest } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
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
import { sendHttp2 } from './send-http2.js'

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

/** An app-wide guard, and one more on POST /write. */
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

it('leaves what is outside of the guard’s context open', async () => {
  const { statusCode, body } = await app(READ).inject('/health')
  expect([statusCode, body]).toEqual([200, 'ok'])
})

it('lets a good call through with its token', async () => {
  const authorization = await bearer({ consumer: '889640782' })
  const response = await app(READ).inject({ url: '/read', headers: { authorization } })
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({
    consumer: { authority: 'iso6523-actorid-upis', id: '0192:889640782', organisationNumber: '889640782' },
    same: true,
  })
})

it('answers a refusal as the table says, in every header and in the body', async () => {
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

it('answers a refusal past the application’s serializers and response schemas', async () => {
  api = Fastify()
  api.addHook('onRequest', async (_request, reply) => void reply.serializer(() => 'changed'))
  const schema = { response: { '4xx': { type: 'object', properties: { only: { type: 'string' } } } } }
  api.get('/', { schema, onRequest: requireMaskinportenScope(READ, { validator }) }, async () => 'no')
  expect((await api.inject('/')).json()).toMatchObject({ status: 401, reason: 'no_credentials' })
})

it('guards a single route on top of that', async () => {
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

it('refuses before the body is read', async () => {
  const response = await app(READ).inject({
    method: 'POST',
    url: '/read',
    headers: { 'content-type': 'application/json' },
    payload: '{ not json',
  })
  expect(response.statusCode).toBe(401)
})

it('guards the HEAD route that Fastify adds to a GET route', async () => {
  api = Fastify()
  api.get('/', { onRequest: requireMaskinportenScope(READ, { validator }) }, async () => 'ok')
  expect((await api.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(401)
  const headers = { authorization: await bearer() }
  expect((await api.inject({ method: 'HEAD', url: '/', headers })).statusCode).toBe(200)
})

it('gives a computed requirement the framework’s own request', async () => {
  app((request) => (request.method === 'GET' ? READ : WRITE))
  const headers = { authorization: await bearer() }
  expect((await api.inject({ method: 'GET', url: '/read', headers })).statusCode).toBe(200)
  expect((await api.inject({ method: 'PUT', url: '/read', headers })).statusCode).toBe(403)
})

it('hands an error of the application’s own rule to its error handler, untouched', async () => {
  const own = new Error('database')
  app({ scope: READ, authorize: () => Promise.reject(own) })
  const response = await api.inject({ url: '/read', headers: { authorization: await bearer() } })
  expect(response.statusCode).toBe(500)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toBe(own)
  expect(handled).toBe(0)
})

test.each([undefined, null, 'route', 0, ''])(
  'refuses every caller when a rule rejects with %j',
  async (thrown) => {
    app({ scope: READ, authorize: () => Promise.reject(thrown) })
    const response = await api.inject({ url: '/read', headers: { authorization: await bearer() } })
    expect([response.statusCode, handled]).toEqual([500, 0])
    expect(failures[0]).toMatchObject({ message: expect.stringMatching(/not an error/), cause: thrown })
  },
)

it('answers 503 with Retry-After and without a challenge while keys are unavailable', async () => {
  validator = createMaskinportenValidator({
    issuer: mock.issuer,
    fetch: () => Promise.reject(new Error('down')),
  })
  const response = await app(READ).inject({ url: '/read', headers: { authorization: await bearer() } })
  expect(response.statusCode).toBe(503)
  expect(response.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^[12]$/) })
  expect(response.headers).not.toHaveProperty('www-authenticate')
})

describe('over a real socket', () => {
  /** Sends exactly these Authorization headers. */
  async function send(authorization: readonly string[], method = 'GET'): Promise<number | undefined> {
    await api.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.server.address() as AddressInfo
    const headers = ['Host', 'localhost', ...authorization.flatMap((value) => ['Authorization', value])]
    return new Promise((resolve, reject) => {
      httpRequest({ port, path: '/read', method, headers, agent: false })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
  }

  test.each<[string, (token: string) => string[], number]>([
    ['lowercase scheme', (token) => [`bearer ${token}`], 200],
    ['extra spaces', (token) => [`Bearer   ${token}  `], 200],
    ['a good header, then another', (token) => [`Bearer ${token}`, 'Bearer x'], 400],
    ['another header, then a good one', (token) => ['Basic dTpw', `Bearer ${token}`], 400],
    ['the same header twice', (token) => [`Bearer ${token}`, `Bearer ${token}`], 400],
    ['joined by a comma', (token) => [`Bearer ${token}, Bearer ${token}`], 400],
    ['a tab after the scheme', (token) => [`Bearer\t${token}`], 401],
    ['an empty token', () => ['Bearer '], 401],
    ['an empty header', () => [''], 401],
    ['another scheme', (token) => [`Token ${token}`], 401],
  ])('%s', async (_title, headers, status) => {
    app(READ)
    expect(await send(headers(await mock.issueToken({ scope: READ })))).toBe(status)
    expect(handled).toBe(status === 200 ? 1 : 0)
  })

  it('a HEAD request is refused without a body and without the handler', async () => {
    app(READ)
    expect(await send([], 'HEAD')).toBe(401)
    expect(handled).toBe(0)
  })
})

test.each([1, 2])(
  'a caller that leaves while keys load runs no handler and breaks nothing, HTTP/%i',
  async (version) => {
    let answerKeys: () => void = () => undefined
    const loading = new Promise<void>((resolve) => {
      answerKeys = resolve
    })
    let asked: () => void = () => undefined
    const fetching = new Promise<void>((resolve) => {
      asked = resolve
    })
    validator = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: async (url, init) => {
        asked()
        await loading
        return mock.fetch(url, init)
      },
    })
    const logged: string[] = []
    const logger = { level: 'warn', stream: { write: (line: string) => void logged.push(line) } }
    let seen: () => void = () => undefined
    const left = new Promise<void>((resolve) => {
      seen = resolve
    })
    handled = 0
    const guard = requireMaskinportenScope(READ, { validator })
    const route = {
      method: 'GET' as const,
      url: '/read',
      onRequest: [guard, guard],
      onRequestAbort: async () => seen(),
      handler: async () => {
        handled++
      },
    }
    const later = {
      method: 'GET' as const,
      url: '/later',
      onRequest: [guard, guard, guard],
      handler: async () => 'ok',
    }
    const server =
      version === 1
        ? Fastify({ logger }).route(route).route(later)
        : Fastify({ logger, http2: true }).route(route).route(later)
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const authorization = await bearer()
    if (version === 1) {
      const call = httpRequest(`${url}/read`, { headers: { authorization } })
      call.on('error', () => undefined).end()
      await fetching
      call.destroy()
      await left
    } else {
      const session = connect(url)
      const call = session.request({ ':path': '/read', authorization })
      call.on('error', () => undefined)
      await fetching
      session.destroy()
      await left
    }
    answerKeys()
    // A request that comes later and passes more guards ends later.
    const laterCall = await server.inject({ url: '/later', headers: { authorization } })
    expect(laterCall.statusCode).toBe(200)
    await new Promise((resolve) => setImmediate(resolve))
    expect([handled, logged]).toEqual([0, []])
    await server.close()
  },
)

it('over HTTP/2, reads the header and sees a second one', async () => {
  const server = Fastify({ http2: true })
  server.get('/read', { onRequest: requireMaskinportenScope(READ, { validator }) }, async (request) => ({
    scopes: getMaskinportenToken(request).scopes,
  }))
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const good = await bearer()
  const call = (headers: readonly string[]) => sendHttp2(Number(new URL(url).port), headers)
  expect([await call([]), await call([good]), await call([good, good])]).toEqual([401, 200, 400])
  await server.close()
})

test.each([true, false])(
  'does nothing more when somebody has answered meanwhile, allowed %j',
  async (allowed) => {
    const logged: string[] = []
    handled = 0
    api = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => void logged.push(line) } } })
    let answer: () => void = () => undefined
    api.addHook('onRequest', async (_request, reply) => {
      answer = () => void reply.code(504).send('late')
    })
    const authorize = async () => {
      answer()
      return allowed
    }
    const onRequest = requireMaskinportenScope({ scope: READ, authorize }, { validator })
    api.get('/read', { onRequest }, async () => {
      handled++
    })
    // Over a socket: an injected answer is over as soon as it is given.
    const url = await api.listen({ host: '127.0.0.1', port: 0 })
    const response = await fetch(`${url}/read`, { headers: { authorization: await bearer() } })
    expect([response.status, await response.text(), handled, logged]).toEqual([504, 'late', 0, []])
  },
)

describe('a mistake shows when the application starts', () => {
  it('in the requirement', () => {
    expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
    expect(() => requireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
  })

  it('in an option', () => {
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
      'a context inside',
      (server) =>
        server.register(
          async (child) =>
            void child.addHook('onRequest', requireMaskinportenScope(READ)).get('/', async () => ''),
        ),
    ],
  ])('in the environment, for a guard in %s', async (_title, guard) => {
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
