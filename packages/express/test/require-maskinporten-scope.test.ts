import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  requireMaskinportenScope,
} from '@portvakt/express'
import { createMockMaskinporten } from '@portvakt/mock'
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import express4 from 'express4'
import supertest from 'supertest'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'

const READ = 'nav:x.read'
const WRITE = 'nav:x.write'

const mock = await createMockMaskinporten()
let decided: Promise<void>
let onDecided: () => void
const validator = createMaskinportenValidator({
  issuer: mock.issuer,
  fetch: mock.fetch,
  // `setImmediate` runs after the guard has acted on the decision.
  onDecision: () => void setImmediate(onDecided),
})

let handled: number
let failures: unknown[]
beforeEach(() => {
  handled = 0
  failures = []
  decided = new Promise((resolve) => {
    onDecided = resolve
  })
})

const bearer = async (options: object = {}) => `Bearer ${await mock.issueToken({ scope: READ, ...options })}`
const get = async (api: Express) =>
  supertest(api)
    .get('/')
    .set('Authorization', await bearer())

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('requireMaskinportenScope on %s', (_version, create) => {
  /** Returns an application with a guard after the middleware `earlier`. */
  function app(requirement: AccessRequirement<Request>, ...earlier: RequestHandler[]): Express {
    const api = create()
    api.use(...earlier, requireMaskinportenScope(requirement, { validator }))
    api.all('/', (request, response) => {
      handled++
      response.json(getMaskinportenToken(request).consumer)
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error)
      response.status(500).end()
    }
    return api.use(onError)
  }

  it('the Express guard passes a request with a valid token to the handler', async () => {
    const authorization = await bearer({ consumer: '889640782' })
    const consumer = {
      authority: 'iso6523-actorid-upis',
      id: '0192:889640782',
      organisationNumber: '889640782',
    }
    await supertest(app(READ)).get('/').set('Authorization', authorization).expect(200, consumer)
  })

  it('the Express guard gives a request without a token the denial’s status, headers and body', async () => {
    const { status, headers, text } = await supertest(app(READ)).get('/')
    expect([status, handled]).toEqual([401, 0])
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer realm="maskinporten"',
      'cache-control': 'no-store',
      'content-type': expect.stringMatching(/^application\/problem\+json/),
    })
    expect(JSON.parse(text)).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
  })

  it('the Express guard adds only `maskinporten` to the request', async () => {
    let before: PropertyKey[] = []
    const api = create()
    api.use((request, _response, next) => {
      before = Reflect.ownKeys(request)
      next()
    })
    api.get('/', requireMaskinportenScope(READ, { validator }), (request, response) => {
      const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
      // Express itself adds the matched route and its parameters.
      response.json(added.filter((key) => key !== 'route' && key !== 'params'))
    })
    expect((await get(api)).body).toEqual(['maskinporten'])
  })

  it('a route’s guard also applies to requests that an application-wide guard allows', async () => {
    const route = requireMaskinportenScope<Request>({ scope: WRITE, consumers: ['889640782'] }, { validator })
    const call = async (token: object) =>
      supertest(app(READ, route))
        .get('/')
        .set('Authorization', await bearer(token))
    expect((await call({})).headers['www-authenticate']).toBe(
      `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"`,
    )
    expect((await call({ scope: `${READ} ${WRITE}` })).status).toBe(403)
    expect(handled).toBe(0)
    expect((await call({ scope: `${READ} ${WRITE}`, consumer: '889640782' })).status).toBe(200)
    expect(handled).toBe(1)
  })

  it('a requirement function gets the Express request', async () => {
    const api = app((request) => (request.method === 'GET' ? READ : WRITE))
    const authorization = await bearer()
    await supertest(api).get('/').set('Authorization', authorization).expect(200)
    await supertest(api).put('/').set('Authorization', authorization).expect(403)
  })

  it('an error thrown by `authorize` reaches the error handler unchanged', async () => {
    const own = new Error('database')
    expect((await get(app({ scope: READ, authorize: () => Promise.reject(own) }))).status).toBe(500)
    expect([failures, handled]).toEqual([[own], 0])
    expect(failures[0]).toBe(own)
  })

  test.each([undefined, null, 'route', 'router', 0, ''])(
    'the response is 500 if `authorize` rejects with %j',
    async (thrown) => {
      expect((await get(app({ scope: READ, authorize: () => Promise.reject(thrown) }))).status).toBe(500)
      expect(failures[0]).toMatchObject({ message: expect.stringMatching(/not an error/), cause: thrown })
      expect(handled).toBe(0)
    },
  )

  it('an error thrown by the handler reaches the error handler unchanged', async () => {
    const own = new Error('handler')
    const api = create()
    api.use(requireMaskinportenScope(READ, { validator }), () => {
      throw own
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(500).json({ same: error === own })
    }
    const { status, body } = await get(api.use(onError))
    expect([status, body]).toEqual([500, { same: true }])
  })

  test.each([true, false])(
    'the Express guard does nothing if the caller has disconnected (token allowed: %j)',
    async (allowed) => {
      const authorize = async (_token: unknown, { res }: Request) => {
        res?.destroy()
        return allowed
      }
      await expect(get(app({ scope: READ, authorize }))).rejects.toThrow(/hang up|ECONNRESET/)
      await decided
      expect([handled, failures]).toEqual([0, []])
    },
  )

  test.each([true, false])(
    'the Express guard does nothing if other code answered while the guard waited (token allowed: %j)',
    async (allowed) => {
      const authorize = async (_token: unknown, { res }: Request) => {
        res?.status(504).end('late')
        return allowed
      }
      const { status, text } = await get(app({ scope: READ, authorize }))
      await decided
      expect([status, text, handled, failures]).toEqual([504, 'late', 0, []])
    },
  )
})

describe('a response that earlier middleware has used', () => {
  const appThat = (...earlier: RequestHandler[]) => {
    const guard = requireMaskinportenScope(READ, { validator })
    return express().use(...earlier, guard, (_request, response) => void response.end('handled'))
  }
  const begin: RequestHandler = (_request, response, next) => {
    response.write('begun, ')
    next()
  }

  it('an allowed request reaches the handler even if the response has already started', async () => {
    const { status, text } = await get(appThat(begin))
    expect([status, text]).toEqual([200, 'begun, handled'])
  })

  it('a refusal ends the connection if the response has already started', async () => {
    await expect(supertest(appThat(begin)).get('/')).rejects.toThrow(/aborted|ECONNRESET/)
  })

  it.each([
    ['content-length', '3'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
  ])('a refusal replaces or removes the header `%s: %s` of earlier middleware', async (name, value) => {
    const api = appThat((_request, response, next) => {
      response.set(name, value)
      next()
    })
    const { status, headers, text } = await supertest(api).get('/')
    expect([status, JSON.parse(text).reason]).toEqual([401, 'no_credentials'])
    expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })
})

describe('configuration errors', () => {
  it('an invalid scope throws when the Express guard is created', () => {
    expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('creating the Express guard throws for an unknown option and for an invalid validator', () => {
    const unknown = { validater: validator } as never
    expect(() => requireMaskinportenScope(READ, unknown)).toThrow(/no option `validater`/)
    expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
  })

  it('creating the Express guard throws if no validator is given and the environment has no issuer', () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    expect(() => requireMaskinportenScope(READ)).toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })
})

it('getMaskinportenToken for Express throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({} as Request)).toThrow(message)
})
