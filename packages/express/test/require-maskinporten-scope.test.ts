import {
  createMaskinportenValidator,
  getMaskinportenToken,
  requireMaskinportenScope,
} from '@portvakt/express'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import express4 from 'express4'
import supertest from 'supertest'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import { headersWith, mock, READ } from '../../../test/contract/adapter-world.js'
import { deferred } from '../../core/test/deferred.js'

let decided = deferred<void>()
const validator = createMaskinportenValidator({
  issuer: mock.issuer,
  fetch: mock.fetch,
  // `setImmediate` runs after the guard has acted on the decision.
  onDecision: () => void setImmediate(decided.resolve),
})

let handled: number
let failures: unknown[]
beforeEach(() => {
  handled = 0
  failures = []
  decided = deferred()
})

const headers = await headersWith({ consumer: '889640782' })
const get = (api: Express) => supertest(api).get('/').set(headers)

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('requireMaskinportenScope on %s', (version, create) => {
  /** Returns an application whose `authorize` decides every request before `handle` runs. */
  function app(
    authorize: (token: unknown, request: Request) => Promise<boolean>,
    handle: () => void = () => undefined,
  ): Express {
    const api = create()
    api.use(requireMaskinportenScope({ scope: READ, authorize }, { validator }), (_request, response) => {
      handled++
      handle()
      response.end()
    })
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error)
      response.status(500).end()
    }
    return api.use(onError)
  }

  it(`on ${version}, the Express guard adds only \`maskinporten\` to the request`, async () => {
    let before: PropertyKey[] = []
    const api = create()
    api.use((request, _response, next) => {
      before = Reflect.ownKeys(request)
      next()
    })
    api.get('/', requireMaskinportenScope(READ, { validator }), (request, response) => {
      const added = Reflect.ownKeys(request).filter((key) => !before.includes(key))
      // Express itself adds the matched route and its parameters.
      const own = added.filter((key) => key !== 'route' && key !== 'params')
      response.json([own, getMaskinportenToken(request).consumer.organisationNumber])
    })
    expect((await get(api)).body).toEqual([['maskinporten'], '889640782'])
  })

  it(`on ${version}, an error thrown by \`authorize\` reaches the error handler unchanged`, async () => {
    const own = new Error('database')
    expect((await get(app(() => Promise.reject(own)))).status).toBe(500)
    expect([failures, handled]).toEqual([[own], 0])
    expect(failures[0]).toBe(own)
  })

  test.each([undefined, null, 'route', 'router', 0, ''])(
    `on ${version}, the response is 500 if \`authorize\` rejects with %j`,
    async (thrown) => {
      expect((await get(app(() => Promise.reject(thrown)))).status).toBe(500)
      expect(failures[0]).toMatchObject({ message: expect.stringMatching(/not an error/), cause: thrown })
      expect(handled).toBe(0)
    },
  )

  it(`on ${version}, an error thrown by the handler reaches the error handler unchanged`, async () => {
    const own = new Error('handler')
    const throwing = () => {
      throw own
    }
    expect((await get(app(async () => true, throwing))).status).toBe(500)
    expect(failures).toEqual([own])
    expect(failures[0]).toBe(own)
  })

  test.each([true, false])(
    `on ${version}, the Express guard does nothing if the caller has disconnected (token allowed: %j)`,
    async (allowed) => {
      const authorize = async (_token: unknown, { res }: Request) => {
        res?.destroy()
        return allowed
      }
      await expect(get(app(authorize))).rejects.toThrow(/hang up|ECONNRESET/)
      await decided.promise
      expect([handled, failures]).toEqual([0, []])
    },
  )

  it('a refusal ends the connection, without an error, if other code has already sent the response headers', async () => {
    const authorize = async (_token: unknown, { res }: Request) => {
      res?.writeHead(200).flushHeaders()
      return false
    }
    await expect(get(app(authorize))).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect([handled, failures]).toEqual([0, []])
  })

  it('the response is 500 if a handler calls the Express guard without `next`', async () => {
    const guard = requireMaskinportenScope(READ, { validator }) as (...given: unknown[]) => void
    const api = create()
    api.use((request, response) => guard(request, response))
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      failures.push(error)
      response.status(500).end()
    }
    expect((await supertest(api.use(onError)).get('/')).status).toBe(500)
    expect(failures).toEqual([new TypeError('A guard was called without `next`: guard(req, res, next)')])
  })
})

it.each([
  ['content-length', '3'],
  ['content-encoding', 'gzip'],
  ['transfer-encoding', 'chunked'],
])(
  'a refusal by the Express guard replaces or removes the header `%s: %s` of earlier middleware',
  async (name, value) => {
    const api = express()
    api.use((_request, response, next) => {
      response.set(name, value)
      next()
    })
    api.use(requireMaskinportenScope(READ, { validator }))
    const { status, headers, text } = await supertest(api).get('/')
    expect([status, JSON.parse(text).reason]).toEqual([401, 'no_credentials'])
    expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('transfer-encoding')
  },
)

it('creating the Express guard throws for an invalid scope or option, and without an issuer in the environment', () => {
  expect(() => requireMaskinportenScope('sykepenger/afp.read', { validator })).toThrow(/nais\.yaml/)
  expect(() => requireMaskinportenScope(READ, { validater: validator } as never)).toThrow(
    /no option `validater`/,
  )
  expect(() => requireMaskinportenScope(READ, { validator: {} } as never)).toThrow(/`validator`/)
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  expect(() => requireMaskinportenScope(READ)).toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.unstubAllEnvs()
})

it('getMaskinportenToken for Express throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({} as Request)).toThrow(message)
})
