import { once } from 'node:events'
import { connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import Koa from 'koa'
import supertest from 'supertest'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('requireMaskinportenScope on Koa', () => {
  let validator: MaskinportenValidator
  let authorization: string
  let guard: Koa.Middleware
  beforeAll(async () => {
    const mock = await createMockMaskinporten()
    validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
    authorization = `Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`
  })
  beforeEach(() => {
    guard = requireMaskinportenScope(READ, { validator })
  })

  it('the guard adds only `maskinporten` to the state', async () => {
    const app = new Koa()
    let before: PropertyKey[] = []
    app.use((context, next) => {
      before = [
        ...Reflect.ownKeys(context),
        ...Reflect.ownKeys(context.req),
        ...Reflect.ownKeys(context.request),
      ]
      return next()
    })
    app.use(guard)
    app.use((context) => {
      const after = [
        ...Reflect.ownKeys(context),
        ...Reflect.ownKeys(context.req),
        ...Reflect.ownKeys(context.request),
      ]
      expect(after).toEqual(before)
      expect(Reflect.ownKeys(context.state)).toEqual(['maskinporten'])
      expect(getMaskinportenToken(context)).toBe(context.state.maskinporten)
      context.body = getMaskinportenToken(context).consumer.organisationNumber
    })
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(200, '889640782')
  })

  it('an error thrown by a later middleware reaches Koa unchanged', async () => {
    const own = new Error('handler')
    const app = new Koa()
    const failures: unknown[] = []
    app.on('error', (error) => failures.push(error))
    app.use(guard)
    app.use(() => {
      throw own
    })
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(500)
    expect(failures).toEqual([own])
  })

  it('an error thrown by `authorize` reaches Koa unchanged', async () => {
    const own = Object.assign(new Error('teapot'), { status: 418, expose: true })
    const app = new Koa()
    app.use(requireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(own) }, { validator }))
    app.silent = true
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(418, 'teapot')
  })

  it('a request without a token gets the denial’s status, headers and body, and runs no handler', async () => {
    const app = new Koa()
    app.use(guard)
    app.use(() => expect.unreachable('a later middleware ran'))
    const { status, headers, text } = await supertest(app.callback()).get('/')
    expect(status).toBe(401)
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer realm="maskinporten"',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(JSON.parse(text)).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
  })

  it('a requirement function gets the Koa context', async () => {
    const app = new Koa()
    app.use(
      requireMaskinportenScope(({ method }) => (method === 'GET' ? READ : 'nav:x.write'), { validator }),
    )
    app.use((context) => {
      context.body = 'ok'
    })
    await supertest(app.callback()).get('/').set('Authorization', authorization).expect(200)
    await supertest(app.callback()).put('/').set('Authorization', authorization).expect(403)
  })

  it.each([true, false])(
    'the guard does nothing if the caller has disconnected (allowed: %j)',
    async (allowed) => {
      const app = new Koa()
      const failures: unknown[] = []
      app.on('error', (error) => failures.push(error))
      const outcome: { end?: Koa.Context } = {}
      app.use(async (context, next) => {
        await next()
        outcome.end = context
      })
      const authorize = async (_token: unknown, { res }: Koa.Context) => {
        res.destroy()
        return allowed
      }
      app.use(requireMaskinportenScope({ scope: READ, authorize }, { validator }))
      app.use(() => expect.unreachable('a later middleware ran'))
      const call = supertest(app.callback()).get('/').set('Authorization', authorization)
      await expect(call).rejects.toThrow(/hang up|ECONNRESET/)
      expect(outcome.end?.status).toBe(404)
      expect(outcome.end?.state).toEqual({})
      expect(failures).toEqual([])
    },
  )

  it.each([true, false])(
    'the guard does nothing if the caller has closed its HTTP/2 stream (allowed: %j)',
    async (allowed) => {
      const app = new Koa()
      const ended = new Promise<Koa.Context>((resolve) => {
        app.use(async (context, next) => {
          await next()
          resolve(context)
        })
      })
      const authorize = async (_token: unknown, { req }: Koa.Context) => {
        stream.close(constants.NGHTTP2_CANCEL)
        await once(req, 'aborted')
        return allowed
      }
      app.use(requireMaskinportenScope({ scope: READ, authorize }, { validator }))
      app.use(() => expect.unreachable('a later middleware ran'))
      const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const stream = session.request({ ':path': '/', authorization })
      const { status, state } = await ended
      expect([status, state]).toEqual([404, {}])
      session.close()
      server.close()
      await once(server, 'close')
    },
  )

  it('an invalid scope throws when the guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken throws if no guard ran', () => {
    expect(() => getMaskinportenToken({ state: {} })).toThrow(
      /No Maskinporten guard ran.*requireMaskinportenScope/,
    )
  })
})
