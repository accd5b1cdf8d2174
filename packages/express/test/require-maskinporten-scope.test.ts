import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
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

describe.each<[string, () => Express]>([
  ['Express 5', () => express()],
  ['Express 4', () => express4()],
])('on %s', (_version, create) => {
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

  it('leaves what comes before the guard open', async () => {
    await supertest(app(READ)).get('/health').expect(200, 'ok')
  })

  it('lets a good call through with its token', async () => {
    const response = await supertest(app(READ))
      .get('/read')
      .set('Authorization', await bearer({ consumer: '889640782' }))
    expect(response.status).toBe(200)
    expect(response.body).toEqual({
      consumer: { authority: 'iso6523-actorid-upis', id: '0192:889640782', organisationNumber: '889640782' },
      same: true,
    })
  })

  it('answers a refusal as the table says, in every header and in the body', async () => {
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

  it('adds req.maskinporten to the request, and nothing else', async () => {
    const api = create()
    let before: PropertyKey[] = []
    api.use((request, _response, next) => {
      before = Reflect.ownKeys(request)
      next()
    })
    api.use(requireMaskinportenScope(READ, { validator }))
    api.get('/read', (request, response) => {
      const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
      // Express itself adds the route that it found, and its parameters.
      response.json(added.filter((key) => key !== 'route' && key !== 'params'))
    })
    const response = await supertest(api)
      .get('/read')
      .set('Authorization', await bearer())
    expect(response.body).toEqual(['maskinporten'])
  })

  it('guards a single route on top of that', async () => {
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

  it('gives a computed requirement the framework’s own request', async () => {
    const api = app((request) => (request.method === 'GET' ? READ : WRITE))
    const authorization = await bearer()
    await supertest(api).get('/read').set('Authorization', authorization).expect(200)
    await supertest(api).put('/read').set('Authorization', authorization).expect(403)
  })

  it('hands an error of the application’s own rule to its error handler, untouched', async () => {
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
    'refuses every caller when a rule rejects with %j',
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

  describe.each([true, false])('does nothing more, allowed %j,', (allowed) => {
    let decided: Promise<void>
    beforeEach(() => {
      decided = new Promise((resolve) => {
        validator = createMaskinportenValidator({
          issuer: mock.issuer,
          fetch: mock.fetch,
          // Once the guard has done what it does with the decision.
          onDecision: () => void setImmediate(resolve),
        })
      })
    })

    it('for a caller that has disconnected', async () => {
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

    it('where other code has answered while the guard waited', async () => {
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

  it('leaves an error of the handler to the application', async () => {
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

  it('answers 503 with Retry-After and without a challenge while keys are unavailable', async () => {
    validator = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: () => Promise.reject(new Error('down')),
    })
    const response = await supertest(app(READ))
      .get('/read')
      .set('Authorization', await bearer())
    expect(response.status).toBe(503)
    expect(response.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^[12]$/),
      'cache-control': 'no-store',
    })
    expect(response.headers).not.toHaveProperty('www-authenticate')
  })

  describe('over a real socket', () => {
    let server: Server
    afterEach(() => {
      server.closeAllConnections()
      server.close()
    })

    /** Sends exactly these Authorization headers. */
    function send(
      api: Express,
      authorization: readonly string[],
      method = 'GET',
    ): Promise<number | undefined> {
      return new Promise((resolve, reject) => {
        server = createServer(api).listen(0, '127.0.0.1', () => {
          const { port } = server.address() as AddressInfo
          const headers = authorization.flatMap((value) => ['Authorization', value])
          const call = httpRequest({
            port,
            path: '/read',
            method,
            headers: ['Host', 'localhost', ...headers],
          })
          call
            .on('response', (response) => resolve(response.resume().statusCode))
            .on('error', reject)
            .end()
        })
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
      const token = await mock.issueToken({ scope: READ })
      expect(await send(app(READ), headers(token))).toBe(status)
      expect(handled).toBe(status === 200 ? 1 : 0)
    })

    it('a HEAD request is refused without a body and without the handler', async () => {
      expect(await send(app(READ), [], 'HEAD')).toBe(401)
      expect(handled).toBe(0)
    })

    it('a caller that leaves while keys load runs no handler and breaks nothing', async () => {
      let answerKeys: () => void = () => undefined
      const loading = new Promise<void>((resolve) => {
        answerKeys = resolve
      })
      let decided: () => void = () => undefined
      const decision = new Promise<void>((resolve) => {
        decided = resolve
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
        onDecision: () => void setImmediate(decided),
      })
      const api = app(READ)
      server = createServer(api)
      const left = new Promise((resolve) =>
        server.on('request', (_request, response) => response.on('close', resolve)),
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const call = httpRequest({ port, path: '/read', headers: { authorization: await bearer() } })
      call.on('error', () => undefined).end()
      await fetching
      call.destroy()
      await left
      answerKeys()
      await decision
      expect([handled, failures]).toEqual([0, []])
    })
  })
})

describe('a mistake shows when the application starts', () => {
  it('in the requirement', () => {
    expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('in an option', () => {
    expect(() => requireMaskinportenScope(READ, { validater: validator } as never)).toThrow(
      /no option `validater`/,
    )
    expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
  })

  it('in the environment', () => {
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
