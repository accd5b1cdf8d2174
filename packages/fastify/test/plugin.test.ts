import {
  createMaskinportenValidator,
  type MaskinportenPluginOptions,
  type MaskinportenValidator,
  maskinporten,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import Fastify, { type FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, it, test, vi } from 'vitest'

const READ = 'nav:x.read'

let mock: MockMaskinporten
let validator: MaskinportenValidator
let headers: { authorization: string }
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  headers = { authorization: `Bearer ${await mock.issueToken({ scope: READ })}` }
})

const ok = async () => 'ok'
const statusOf = async (app: FastifyInstance, method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST', url: string) =>
  (await app.inject({ method, url, headers })).statusCode

describe('the validator of a guard', () => {
  const named = (realm: string) =>
    createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, realm })
  const realmOf = async (app: FastifyInstance, url: string) =>
    /realm="(\w+)"/.exec(String((await app.inject(url)).headers['www-authenticate']))?.[1]

  it('is its own, else its context’s, else that of the context around it', async () => {
    const guard = requireMaskinportenScope(READ)
    const app = Fastify()
    app.get('/before', { onRequest: guard }, ok)
    await app.register(async (child) => void child.get('/child/before', { onRequest: guard }, ok))
    await app.register(maskinporten, { validator: named('root') })
    await app.register(async (child) => {
      child.get('/inner', { onRequest: guard }, ok)
      await child.register(maskinporten, { validator: named('inner') })
      child.get('/own', { onRequest: requireMaskinportenScope(READ, { validator: named('own') }) }, ok)
      await child.register(async (grandchild) => void grandchild.get('/innermost', { onRequest: guard }, ok))
    })
    const realms = []
    for (const url of ['/before', '/child/before', '/inner', '/own', '/innermost']) {
      realms.push(await realmOf(app, url))
    }
    expect(realms).toEqual(['root', 'root', 'inner', 'own', 'inner'])
  })

  it('is the one from the environment where no plugin is, and stops the start without it', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const app = Fastify()
    await app.register(async (child) => void (await child.register(maskinporten, { validator })))
    app.get('/', { onRequest: requireMaskinportenScope(READ) }, ok)
    await expect(app.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })
})

describe('registering', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown option', { defaultdeny: true }, /The maskinporten plugin has no option `defaultdeny`/],
    ['an undefined option', { defaultDeny: undefined }, /`defaultDeny` is undefined/],
    ['a prefix, which a plugin without routes cannot have', { prefix: '/x' }, /no option `prefix`/],
    ['a default deny that is no boolean', { defaultDeny: 'true' }, /`defaultDeny`/],
    ['public routes that are no function', { defaultDeny: true, publicRoutes: ['/x'] }, /`publicRoutes`/],
    ['public routes without default deny', { publicRoutes: () => true }, /`publicRoutes`/],
    ['a validator that is none', { validator: {} }, /`validator` must come from/],
    ['null for a validator', { validator: null }, /`validator` must come from/],
  ])('with %s stops the start', async (_title, options, message) => {
    const app = Fastify()
    app.register(maskinporten, { validator, ...options } as MaskinportenPluginOptions)
    await expect(app.ready()).rejects.toThrow(message)
  })

  test.each<[string, object, RegExp]>([
    ['inherited', Object.create({ defaultDeny: true }), /`defaultDeny`.*Copy its members/],
    [
      'not enumerable',
      Object.defineProperty({}, 'defaultDeny', { value: true }),
      /`defaultDeny`.*Copy its members/,
    ],
  ])('with a default deny that is %s stops the start', async (_title, options, message) => {
    const app = Fastify()
    app.register(maskinporten, Object.assign(options, { validator }))
    await expect(app.ready()).rejects.toThrow(message)
  })

  it('reads the options once, from the object that `register` was given', async () => {
    let reads = 0
    const options = {
      validator,
      get defaultDeny() {
        return reads++ === 0
      },
    }
    const app = Fastify()
    await app.register(maskinporten, options)
    app.get('/forgotten', ok)
    expect(await statusOf(app, 'GET', '/forgotten')).toBe(403)
    expect(reads).toBe(1)
  })

  it('twice in one context stops the start', async () => {
    const app = Fastify()
    app.register(maskinporten, { validator })
    app.register(maskinporten, { validator })
    await expect(app.ready()).rejects.toThrow(/twice/)
  })

  it('without validator and environment stops the start', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const app = Fastify()
    app.register(maskinporten)
    await expect(app.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })

  it('is for Fastify 5, and under a name by which other plugins can depend on it', async () => {
    expect(Reflect.get(maskinporten, Symbol.for('plugin-meta'))).toEqual({
      fastify: '5.x',
      name: '@portvakt/fastify',
    })
    const app = Fastify()
    await app.register(maskinporten, { validator })
    expect(app.hasPlugin('@portvakt/fastify')).toBe(true)
  })

  it('declares the property on every request', async () => {
    const app = Fastify()
    await app.register(maskinporten, { validator })
    app.get('/', async (request) => Object.hasOwn(request, 'maskinporten'))
    expect((await app.inject('/')).body).toBe('true')
    expect(app.hasRequestDecorator('maskinporten')).toBe(true)
  })
})

describe('default deny', () => {
  /** Every kind of route, registered before and after the plugin. */
  async function appWith(options: MaskinportenPluginOptions = {}): Promise<FastifyInstance> {
    const app = Fastify()
    const routes = (at: string) => async (target: FastifyInstance) => {
      const guard = { onRequest: requireMaskinportenScope(READ, { validator }) }
      target.get(`/${at}/forgotten`, ok)
      target.post(`/${at}/forgotten`, ok)
      target.options(`/${at}/forgotten`, ok)
      target.get(`/${at}/guarded`, guard, ok)
      target.options(`/${at}/guarded`, guard, ok)
      target.get(`/${at}/public/:id`, { config: { maskinporten: 'public' } }, ok)
      target.get(`/${at}/listed/:id`, ok)
      target.get(`/${at}/misspelt`, { config: { maskinporten: 'Public' as 'public' } }, ok)
    }
    await routes('before')(app)
    await app.register(routes('before-child'))
    await app.register(async (child) => void child.register(routes('before-grandchild')))
    await app.register(maskinporten, { validator, defaultDeny: true, ...options })
    await routes('after')(app)
    await app.register(routes('after-child'))
    await app.register(async (child) => void child.register(routes('after-grandchild')))
    return app
  }

  describe.each(['before', 'before-child', 'before-grandchild', 'after', 'after-child', 'after-grandchild'])(
    'covers what is registered %s',
    (at) => {
      test.each<['GET' | 'HEAD' | 'OPTIONS' | 'POST', string, number]>([
        ['GET', 'forgotten', 403],
        ['HEAD', 'forgotten', 403],
        ['POST', 'forgotten', 403],
        ['OPTIONS', 'forgotten', 403],
        ['GET', 'misspelt', 403],
        ['GET', 'guarded', 200],
        ['HEAD', 'guarded', 200],
        ['OPTIONS', 'guarded', 200],
        ['GET', 'public/1', 200],
        ['HEAD', 'public/1', 200],
        ['GET', 'listed/1', 200],
        ['HEAD', 'listed/1', 403],
        ['GET', 'nowhere', 404],
        ['OPTIONS', 'nowhere', 404],
        ['POST', 'guarded', 404],
      ])('%s %s is %i', async (method, path, status) => {
        const app = await appWith({
          publicRoutes: (route) => route.method === 'GET' && route.url === `/${at}/listed/:id`,
        })
        expect(await statusOf(app, method, `/${at}/${path}`)).toBe(status)
      })
    },
  )

  it('answers without a challenge, says why, and reads no body', async () => {
    const app = await appWith()
    const response = await app.inject({
      method: 'POST',
      url: '/after/forgotten',
      headers: { 'content-type': 'application/json' },
      payload: '{ not json',
    })
    expect(response.statusCode).toBe(403)
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(response.json()).toMatchObject({ code: 'access_denied', reason: 'no_guard' })
  })

  it('tells the log which route has no guard, and the application’s own body which request it was', async () => {
    const logged: string[] = []
    const stream = { write: (line: string) => void logged.push(line) }
    const app = Fastify({ logger: { level: 'warn', stream } })
    const own = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: mock.fetch,
      denialBody: ({ reason }, request) => ({ reason, path: (request as { url: string }).url }),
    })
    await app.register(maskinporten, { validator: own, defaultDeny: true })
    app.get('/vedtak/:id', ok)
    expect((await app.inject('/vedtak/7')).json()).toEqual({ reason: 'no_guard', path: '/vedtak/7' })
    expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
      'No Maskinporten guard let a request pass to /vedtak/:id: refused. Put a guard at onRequest',
    ])
  })

  it('leaves the answer to a guard where there is one', async () => {
    expect((await (await appWith()).inject('/before/guarded')).statusCode).toBe(401)
  })

  it('is met by an app-wide guard as well, which a public mark does not switch off', async () => {
    const app = Fastify()
    app.addHook('onRequest', requireMaskinportenScope(READ))
    await app.register(maskinporten, { validator, defaultDeny: true })
    app.get('/', ok)
    app.get('/public', { config: { maskinporten: 'public' } }, ok)
    expect(await statusOf(app, 'GET', '/')).toBe(200)
    expect((await app.inject('/public')).statusCode).toBe(401)
  })

  it('keeps an own handler of unmatched requests, also from inside a handler', async () => {
    const app = Fastify()
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('own'))
    await app.register(maskinporten, { validator, defaultDeny: true })
    await app.register(
      async (child) => void child.setNotFoundHandler(async (_q, r) => r.code(404).send('inner')),
      {
        prefix: '/p',
      },
    )
    app.get('/gone', { config: { maskinporten: 'public' } }, (_request, reply) => reply.callNotFound())
    const bodies = []
    for (const url of ['/x', '/p/x', '/gone']) bodies.push((await app.inject(url)).body)
    expect(bodies).toEqual(['own', 'inner', 'own'])
  })

  it('holds for the contexts inside the one that asked for it, and cannot be lifted there', async () => {
    const app = Fastify()
    app.get('/outside', ok)
    await app.register(async (child) => {
      await child.register(maskinporten, { validator, defaultDeny: true })
      await child.register(async (inner) => {
        await inner.register(maskinporten, { validator, defaultDeny: false })
        inner.get('/inside', ok)
      })
    })
    expect([await statusOf(app, 'GET', '/outside'), await statusOf(app, 'GET', '/inside')]).toEqual([
      200, 403,
    ])
  })

  it('is not met by setting the property, nor by a polluted Object.prototype', async () => {
    const app = await appWith()
    app.addHook('onRequest', async (request) => {
      request.maskinporten = {} as never
    })
    expect(await statusOf(app, 'GET', '/before/forgotten')).toBe(403)
    Object.defineProperty(Object.prototype, 'maskinporten', {
      value: 'public',
      configurable: true,
      writable: true,
    })
    try {
      expect(await statusOf(app, 'GET', '/after-child/forgotten')).toBe(403)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'maskinporten')
    }
  })

  test.each<[string, () => unknown, number]>([
    [
      'throws',
      () => {
        throw new Error('own')
      },
      500,
    ],
    ['returns a promise', async () => true, 403],
    ['returns something that is only truthy', () => 1, 403],
  ])('opens nothing when publicRoutes %s', async (_title, publicRoutes, status) => {
    const app = await appWith({ publicRoutes: publicRoutes as () => boolean })
    expect(await statusOf(app, 'GET', '/after/forgotten')).toBe(status)
  })
})
