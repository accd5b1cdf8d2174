import { type AccessRequirement, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/koa'
import Koa from 'koa'
import supertest from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const headers = await headersWith({ consumer: '889640782' })

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
const get = (callback: ReturnType<typeof app>) => supertest(callback).get('/').set(headers)

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

  it.each([true, false])(
    'the Koa guard does nothing if the caller has disconnected (token allowed: %j)',
    async (allowed) => {
      let ended: Promise<Koa.Context> | undefined
      const recorder: Koa.Middleware = (context, next) => {
        ended = next().then(() => context)
        return ended
      }
      const authorize = async (_token: unknown, { res }: Koa.Context) => {
        res.destroy()
        return allowed
      }
      const callback = app(recorder, { scope: READ, authorize })
      await expect(get(callback)).rejects.toThrow(/hang up|ECONNRESET/)
      const context = await ended
      expect([context?.status, context?.state, failures, handled]).toEqual([404, {}, [], 0])
    },
  )

  it('an invalid scope throws when the Koa guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken for Koa throws if no guard ran', () => {
    const message = /No Maskinporten guard ran.*requireMaskinportenScope/
    expect(() => getMaskinportenToken({ state: {} })).toThrow(message)
  })
})

describe('a response that earlier middleware has used', () => {
  const disableRespond: Koa.Middleware = (context, next) => {
    context.respond = false
    return next()
  }

  it('if the response has started, an error of `authorize` ends the connection and reaches Koa', async () => {
    const own = new Error('database')
    const begin: Koa.Middleware = ({ res }, next) => {
      res.writeHead(200).write('begun, ')
      return next()
    }
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
  ])(
    'a refusal by the Koa guard replaces or removes the header `%s: %s` of earlier middleware',
    async (name, value) => {
      const earlier: Koa.Middleware = (context, next) => {
        context.set(name, value)
        return next()
      }
      const { status, headers, text } = await supertest(app(earlier)).get('/')
      expect([status, JSON.parse(text).reason]).toEqual([401, 'no_credentials'])
      expect(headers).toMatchObject({ 'content-length': String(text.length), 'cache-control': 'no-store' })
      expect(headers['content-type']).toBe('application/problem+json')
      expect(headers).not.toHaveProperty('content-encoding')
      expect(headers).not.toHaveProperty('transfer-encoding')
    },
  )
})
