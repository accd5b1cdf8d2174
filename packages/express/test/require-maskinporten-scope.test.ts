import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/express'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import express4 from 'express4'
import supertest from 'supertest'
import { beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'

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

describe.each<[string, () => Express]>([
  ['Express 5', () => express()],
  ['Express 4', () => express4()],
])('requireMaskinportenScope on %s', (_version, create) => {
  let handled: number
  let failures: unknown[]

  function app(requirement: AccessRequirement<Request>, route: AccessRequirement<Request> = WRITE): Express {
    handled = 0
    failures = []
    const api = create()
    api.get('/health', (_request, response) => void response.send('ok'))
    api.use(requireMaskinportenScope(requirement, { validator }))
    api.all('/read', (request, response) => {
      handled++
      response.json({
        consumer: getMaskinportenToken(request).consumer,
        same: request.maskinporten !== undefined,
      })
    })
    api.post('/write', requireMaskinportenScope(route, { validator }), (_request, response) => {
      handled++
      response.json({})
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error)
      response.status(500).json({ failed: true })
    }
    api.use(onError)
    return api
  }

  it('a route registered before the guard is open', async () => {
    await supertest(app(READ)).get('/health').expect(200, 'ok')
  })

  it('a valid token reaches the handler', async () => {
    const response = await supertest(app(READ))
      .get('/read')
      .set('Authorization', await bearer({ consumer: '889640782' }))
    expect(response.status).toBe(200)
    expect(response.body).toEqual({
      consumer: { authority: 'iso6523-actorid-upis', id: '0192:889640782', organisationNumber: '889640782' },
      same: true,
    })
  })

  it('a request without a token gets the denial’s status, headers and body', async () => {
    const response = await supertest(app(READ)).get('/read')
    expect(response.status).toBe(401)
    expect(response.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="maskinporten"',
      'cache-control': 'no-store',
      'content-type': expect.stringMatching(/^application\/problem\+json/),
    })
    expect(JSON.parse(response.text)).toMatchObject({
      status: 401,
      code: 'missing_token',
      reason: 'no_credentials',
    })
    expect(handled).toBe(0)
  })

  it('the guard adds only `maskinporten` to the request', async () => {
    const api = create()
    let before: PropertyKey[] = []
    api.use((request, _response, next) => {
      before = Reflect.ownKeys(request)
      next()
    })
    api.use(requireMaskinportenScope(READ, { validator }))
    api.get('/read', (request, response) => {
      const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
      // Express itself adds the matched route and its parameters.
      response.json(added.filter((key) => key !== 'route' && key !== 'params'))
    })
    const response = await supertest(api)
      .get('/read')
      .set('Authorization', await bearer())
    expect(response.body).toEqual(['maskinporten'])
  })

  it('a route’s guard also applies to requests that an application-wide guard allows', async () => {
    const api = app(READ, { scope: WRITE, consumers: ['889640782'] })
    const call = async (token: object) =>
      supertest(api)
        .post('/write')
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
    await supertest(api).get('/read').set('Authorization', authorization).expect(200)
    await supertest(api).put('/read').set('Authorization', authorization).expect(403)
  })

  it('an error thrown by `authorize` reaches the error handler unchanged', async () => {
    const own = new Error('database')
    const api = app({ scope: READ, authorize: () => Promise.reject(own) })
    await supertest(api)
      .get('/read')
      .set('Authorization', await bearer())
      .expect(500)
    expect(failures).toEqual([own])
    expect(failures[0]).toBe(own)
    expect(handled).toBe(0)
  })

  test.each([undefined, null, 'route', 'router', 0, ''])(
    '`authorize` rejecting with %j results in 500',
    async (thrown) => {
      const api = app({ scope: READ, authorize: () => Promise.reject(thrown) })
      await supertest(api)
        .get('/read')
        .set('Authorization', await bearer())
        .expect(500)
      expect(handled).toBe(0)
      expect(failures[0]).toMatchObject({ message: expect.stringMatching(/not an error/), cause: thrown })
    },
  )

  describe.each([true, false])('a decision that comes too late (allowed: %j)', (allowed) => {
    let decided: Promise<void>
    beforeEach(() => {
      decided = new Promise((resolve) => {
        validator = createMaskinportenValidator({
          issuer: mock.issuer,
          fetch: mock.fetch,
          // Resolves after the guard has acted on the decision.
          onDecision: () => void setImmediate(resolve),
        })
      })
    })

    it('the guard does nothing if the caller has disconnected', async () => {
      const authorize = async (_token: unknown, { res }: Request) => {
        res?.destroy()
        return allowed
      }
      const call = supertest(app({ scope: READ, authorize }))
        .get('/read')
        .set('Authorization', await bearer())
      await expect(call).rejects.toThrow(/hang up|ECONNRESET/)
      await decided
      expect([handled, failures]).toEqual([0, []])
    })

    it('the guard does nothing if other code has already answered', async () => {
      const authorize = async (_token: unknown, { res }: Request) => {
        res?.status(504).end('late')
        return allowed
      }
      const call = supertest(app({ scope: READ, authorize }))
        .get('/read')
        .set('Authorization', await bearer())
      await call.expect(504, 'late')
      await decided
      expect([handled, failures]).toEqual([0, []])
    })
  })

  it('an error thrown by the handler reaches the error handler unchanged', async () => {
    const own = new Error('handler')
    const api = create()
    api.use(requireMaskinportenScope(READ, { validator }))
    api.get('/read', () => {
      throw own
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(500).json({ same: error === own })
    }
    api.use(onError)
    await supertest(api)
      .get('/read')
      .set('Authorization', await bearer())
      .expect(500, { same: true })
  })
})

describe('configuration errors', () => {
  it('an invalid scope throws when the guard is created', () => {
    expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('an unknown option and an invalid validator throw when the guard is created', () => {
    expect(() => requireMaskinportenScope(READ, { validater: validator } as never)).toThrow(
      /no option `validater`/,
    )
    expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
  })

  it('an environment without an issuer throws when the guard is created', () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    expect(() => requireMaskinportenScope(READ)).toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })
})

it('getMaskinportenToken throws if no guard ran', () => {
  expect(() => getMaskinportenToken({} as Request)).toThrow(
    /No Maskinporten guard ran.*requireMaskinportenScope/,
  )
})
