import { once } from 'node:events'
import { connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  requireMaskinportenScope,
} from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import Koa from 'koa'
import supertest from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
const authorization = `Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`

let handled: number
let failures: unknown[]
beforeEach(() => {
  handled = 0
  failures = []
})

const handler: Koa.Middleware = (context) => {
  handled++
  if (context.respond === false) context.res.writeHead(200).end('handled')
  else context.body = 'handled'
}

/** Returns an application with a guard between the middleware `earlier` and `later`. */
function app(earlier: Koa.Middleware, requirement: AccessRequirement<Koa.Context> = READ, later = handler) {
  const koa = new Koa().on('error', (error) => failures.push(error))
  koa.use(earlier).use(requireMaskinportenScope(requirement, { validator })).use(later)
  return koa.callback()
}
const pass: Koa.Middleware = (_context, next) => next()
const get = (callback: ReturnType<typeof app>) =>
  supertest(callback).get('/').set('Authorization', authorization)

describe('requireMaskinportenScope on Koa', () => {
  it('the Koa guard adds only `maskinporten` to the state', async () => {
    const keysOf = (context: Koa.Context) =>
      [context, context.req, context.request].map((object) => Reflect.ownKeys(object))
    let before: PropertyKey[][] = []
    const callback = app(
      (context, next) => {
        before = keysOf(context)
        return next()
      },
      READ,
      (context) => {
        expect(keysOf(context)).toEqual(before)
        expect(Reflect.ownKeys(context.state)).toEqual(['maskinporten'])
        expect(getMaskinportenToken(context)).toBe(context.state.maskinporten)
        context.body = getMaskinportenToken(context).consumer.organisationNumber
      },
    )
    await get(callback).expect(200, '889640782')
  })

  it('an error thrown by a later middleware reaches Koa unchanged', async () => {
    const own = new Error('handler')
    const throwing = () => {
      throw own
    }
    await get(app(pass, READ, throwing)).expect(500)
    expect(failures).toEqual([own])
  })

  it('an error thrown by `authorize` reaches Koa unchanged', async () => {
    const own = Object.assign(new Error('teapot'), { status: 418, expose: true })
    await get(app(pass, { scope: READ, authorize: () => Promise.reject(own) })).expect(418, 'teapot')
  })

  it('without a token, the Koa guard sends the denial’s status, headers and body, and runs no handler', async () => {
    const { status, headers, text } = await supertest(app(pass)).get('/')
    expect([status, handled]).toEqual([401, 0])
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer realm="maskinporten"',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(JSON.parse(text)).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
  })

  it('a requirement function gets the Koa context', async () => {
    const callback = app(pass, ({ method }) => (method === 'GET' ? READ : 'nav:x.write'))
    await get(callback).expect(200)
    await supertest(callback).put('/').set('Authorization', authorization).expect(403)
  })

  describe.each([true, false])('a caller that has disconnected (token allowed: %j)', (allowed) => {
    /** Returns an application, and a promise that resolves to the context after the guard has run. */
    function appThatEnds(leave: (context: Koa.Context) => unknown) {
      let onEnd: (context: Koa.Context) => void = () => undefined
      const ended = new Promise<Koa.Context>((resolve) => {
        onEnd = resolve
      })
      const recorder: Koa.Middleware = async (context, next) => {
        await next()
        onEnd(context)
      }
      const authorize = async (_token: unknown, context: Koa.Context) => {
        await leave(context)
        return allowed
      }
      return { ended, callback: app(recorder, { scope: READ, authorize }) }
    }

    it('the Koa guard does nothing if the caller has disconnected', async () => {
      const { ended, callback } = appThatEnds(({ res }) => res.destroy())
      await expect(get(callback)).rejects.toThrow(/hang up|ECONNRESET/)
      const { status, state } = await ended
      expect([status, state, failures, handled]).toEqual([404, {}, [], 0])
    })

    it('the Koa guard does nothing if the caller has closed its HTTP/2 stream', async () => {
      const { ended, callback } = appThatEnds(async ({ req }) => {
        stream.close(constants.NGHTTP2_CANCEL)
        await once(req, 'aborted')
      })
      const server = createServer(callback as never).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const stream = session.request({ ':path': '/', authorization })
      const { status, state } = await ended
      expect([status, state, handled]).toEqual([404, {}, 0])
      session.close()
      server.close()
      await once(server, 'close')
    })
  })

  it('an invalid scope throws when the Koa guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken for Koa throws if no guard ran', () => {
    const message = /No Maskinporten guard ran.*requireMaskinportenScope/
    expect(() => getMaskinportenToken({ state: {} })).toThrow(message)
  })
})

describe('a response that earlier middleware has used', () => {
  const begin: Koa.Middleware = ({ res }, next) => {
    res.writeHead(200).write('begun, ')
    return next()
  }
  const disableRespond: Koa.Middleware = (context, next) => {
    context.respond = false
    return next()
  }

  it('an allowed request reaches the handler even if the response has already started', async () => {
    await get(app(begin)).expect(200, 'begun, handled')
  })

  it('a refusal ends the connection if the response has already started', async () => {
    await expect(supertest(app(begin)).get('/')).rejects.toThrow(/aborted|ECONNRESET/)
    expect(handled).toBe(0)
  })

  it('if the response has started, an error of `authorize` ends the connection and reaches Koa', async () => {
    const own = new Error('database')
    const call = get(app(begin, { scope: READ, authorize: () => Promise.reject(own) }))
    await expect(call).rejects.toThrow(/aborted|ECONNRESET/)
    expect(failures).toEqual([own])
  })

  it('an allowed request reaches the handler if `respond` is false', async () => {
    await get(app(disableRespond)).expect(200, 'handled')
  })

  it('the Koa guard writes its refusal itself if `respond` is false', async () => {
    const { status, headers, text } = await supertest(app(disableRespond)).get('/')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect([JSON.parse(text).reason, handled]).toEqual(['no_credentials', 0])
  })

  it.each([
    ['content-length', '3'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
  ])('a refusal replaces or removes the header `%s: %s` of earlier middleware', async (name, value) => {
    const earlier: Koa.Middleware = (context, next) => {
      context.set(name, value)
      return next()
    }
    const { status, headers, text } = await supertest(app(earlier)).get('/')
    expect([status, JSON.parse(text).reason]).toEqual([401, 'no_credentials'])
    expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })
})
