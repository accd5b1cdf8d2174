import {
  createMaskinportenValidator,
  type MaskinportenPluginOptions,
  maskinporten,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, test, vi } from 'vitest'
import { headersWith, mock, READ, validator } from '../../../test/contract/adapter-world.js'
import { withPollutedPrototype } from '../../core/test/polluted-prototype.js'
import { loggingTo, ok } from './set-up.js'

type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST'

const statusOf = async (app: FastifyInstance, method: Method, url: string) =>
  (await app.inject({ method, url, headers: await headersWith() })).statusCode

it('a guard uses its own validator, or else the validator of the nearest context', async () => {
  const named = (realm: string) =>
    createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, realm })
  const guard = requireMaskinportenScope(READ)
  const app = Fastify()
  app.get('/before', { onRequest: guard }, ok)
  await app.register(maskinporten, { validator: named('root') })
  await app.register(async (child) => {
    child.get('/inner', { onRequest: guard }, ok)
    await child.register(maskinporten, { validator: named('inner') })
    child.get('/own', { onRequest: requireMaskinportenScope(READ, { validator: named('own') }) }, ok)
    await child.register(async (grandchild) => void grandchild.get('/innermost', { onRequest: guard }, ok))
  })
  const expected = { '/before': 'root', '/inner': 'inner', '/own': 'own', '/innermost': 'inner' }
  for (const [url, realm] of Object.entries(expected))
    expect((await app.inject(url)).headers['www-authenticate'], url).toBe(`Bearer realm="${realm}"`)
})

describe('the options of the plugin', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown option', { defaultdeny: true }, /The maskinporten plugin has no option `defaultdeny`/],
    ['a non-boolean defaultDeny', { defaultDeny: 'true' }, /`defaultDeny`/],
    ['a publicRoutes that is not a function', { defaultDeny: true, publicRoutes: ['/x'] }, /`publicRoutes`/],
    ['publicRoutes without defaultDeny', { publicRoutes: () => true }, /`publicRoutes`/],
    ['an invalid validator', { validator: {} }, /`validator` must come from/],
  ])('the application does not start if the plugin gets %s', async (_title, options, message) => {
    const app = Fastify()
    app.register(maskinporten, { validator, ...options })
    await expect(app.ready()).rejects.toThrow(message)
  })

  it('the application does not start if the plugin is registered twice in one context', async () => {
    const app = Fastify()
    app.register(maskinporten, { validator })
    app.register(maskinporten, { validator })
    await expect(app.ready()).rejects.toThrow(/twice/)
  })

  it('the application does not start if the plugin has neither a validator nor MASKINPORTEN_ISSUER', async () => {
    vi.stubEnv('MASKINPORTEN_ISSUER', '')
    const app = Fastify()
    app.register(maskinporten)
    await expect(app.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
    vi.unstubAllEnvs()
  })

  it('the maskinporten plugin declares its name, and that it supports Fastify 5', () => {
    const meta: unknown = Reflect.get(maskinporten, Symbol.for('plugin-meta'))
    expect(meta).toEqual({ fastify: '5.x', name: '@portvakt/fastify' })
  })

  it('the plugin declares `maskinporten` on every request', async () => {
    const app = Fastify()
    await app.register(maskinporten, { validator })
    app.get('/', async (request) => Object.hasOwn(request, 'maskinporten'))
    expect((await app.inject('/')).body).toBe('true')
  })
})

describe('default deny', () => {
  const POSITIONS = ['before', 'before-child', 'after', 'after-child'] as const

  /** Registers the same routes before and after the plugin, in the plugin's own context and in a child. */
  async function appWith(options: MaskinportenPluginOptions = {}): Promise<FastifyInstance> {
    const app = Fastify()
    const routes = (at: (typeof POSITIONS)[number]) => async (target: FastifyInstance) => {
      const guard = { onRequest: requireMaskinportenScope(READ, { validator }) }
      target.get(`/${at}/forgotten`, ok)
      target.post(`/${at}/forgotten`, ok)
      target.options(`/${at}/forgotten`, ok)
      target.get(`/${at}/guarded`, guard, ok)
      target.options(`/${at}/guarded`, guard, ok)
      target.get(`/${at}/public/:id`, { config: { maskinporten: 'public' } }, ok)
      target.get(`/${at}/listed/:id`, ok)
    }
    await routes('before')(app)
    await app.register(routes('before-child'))
    await app.register(maskinporten, { validator, defaultDeny: true, ...options })
    await routes('after')(app)
    await app.register(routes('after-child'))
    return app
  }

  const STATUSES = {
    'GET forgotten': 403,
    'HEAD forgotten': 403,
    'POST forgotten': 403,
    'OPTIONS forgotten': 403,
    'GET guarded': 200,
    'HEAD guarded': 200,
    'OPTIONS guarded': 200,
    'POST guarded': 404,
    'GET public/1': 200,
    'HEAD public/1': 200,
    'GET listed/1': 200,
    'HEAD listed/1': 403,
    'GET nowhere': 404,
    'OPTIONS nowhere': 404,
  }

  it.each(POSITIONS)(
    'default deny refuses exactly the routes without a guard that are not public (registered %s)',
    async (at) => {
      const app = await appWith({
        publicRoutes: ({ method, url }) => method === 'GET' && url === `/${at}/listed/:id`,
      })
      for (const [name, status] of Object.entries(STATUSES)) {
        const [method, path] = name.split(' ')
        expect(await statusOf(app, method as Method, `/${at}/${path}`), name).toBe(status)
      }
    },
  )

  const misspelled = { config: { maskinporten: 'Public' as 'public' } }

  it('registering a route with an unknown `config.maskinporten` throws, even without default deny', async () => {
    const app = Fastify()
    await app.register(maskinporten, { validator })
    expect(() => app.get('/health', misspelled, ok)).toThrow(
      'GET /health: `config.maskinporten` is "Public". It must be \'public\', which opens a route without a ' +
        'guard under `defaultDeny`, or be left out',
    )
  })

  it('default deny refuses requests to a route with an unknown `config.maskinporten` from before the plugin', async () => {
    const app = Fastify()
    app.get('/health', misspelled, ok)
    await app.register(maskinporten, { validator, defaultDeny: true })
    expect(await statusOf(app, 'GET', '/health')).toBe(403)
  })

  it('default deny answers 403 without a challenge, before the body is read', async () => {
    const sent = { headers: { 'content-type': 'application/json' }, payload: '{ not json' }
    const response = await (await appWith()).inject({ method: 'POST', url: '/after/forgotten', ...sent })
    expect(response.statusCode).toBe(403)
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(response.headers).not.toHaveProperty('www-authenticate')
    expect(response.json()).toMatchObject({ code: 'access_denied', reason: 'no_guard' })
  })

  it('default deny logs the route and passes the request to denialBody', async () => {
    const logged: string[] = []
    const app = Fastify(loggingTo(logged))
    const own = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: mock.fetch,
      denialBody: ({ reason }, request) => ({ reason, path: (request as { url: string }).url }),
    })
    await app.register(maskinporten, { validator: own, defaultDeny: true })
    app.get('/vedtak/:id', ok)
    expect((await app.inject('/vedtak/7')).json()).toEqual({ reason: 'no_guard', path: '/vedtak/7' })
    expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
      'Refused a request to /vedtak/:id: no Maskinporten guard let it pass. Put a guard at onRequest',
    ])
  })

  it('an application-wide guard satisfies default deny, and also guards public routes', async () => {
    const app = Fastify()
    app.addHook('onRequest', requireMaskinportenScope(READ))
    await app.register(maskinporten, { validator, defaultDeny: true })
    app.get('/', ok)
    app.get('/public', { config: { maskinporten: 'public' } }, ok)
    expect(await statusOf(app, 'GET', '/')).toBe(200)
    expect((await app.inject('/public')).statusCode).toBe(401)
  })

  it('default deny leaves requests that match no route to the application’s own handlers', async () => {
    const app = Fastify()
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('own'))
    await app.register(maskinporten, { validator, defaultDeny: true })
    const inner = async (child: FastifyInstance) =>
      void child.setNotFoundHandler(async (_request, reply) => reply.code(404).send('inner'))
    await app.register(inner, { prefix: '/p' })
    app.get('/gone', { config: { maskinporten: 'public' } }, (_request, reply) => reply.callNotFound())
    const bodies = []
    for (const url of ['/x', '/p/x', '/gone']) bodies.push((await app.inject(url)).body)
    expect(bodies).toEqual(['own', 'inner', 'own'])
  })

  it('default deny applies in child contexts, which cannot switch it off', async () => {
    const app = Fastify()
    app.get('/outside', ok)
    await app.register(async (child) => {
      await child.register(maskinporten, { validator, defaultDeny: true })
      await child.register(async (inner) => {
        await inner.register(maskinporten, { validator, defaultDeny: false })
        inner.get('/inside', ok)
      })
    })
    expect(await statusOf(app, 'GET', '/outside')).toBe(200)
    expect(await statusOf(app, 'GET', '/inside')).toBe(403)
  })

  it('neither `request.maskinporten` nor a polluted Object.prototype satisfies default deny', async () => {
    const app = await appWith()
    app.addHook('onRequest', async (request) => {
      request.maskinporten = {} as never
    })
    expect(await statusOf(app, 'GET', '/before/forgotten')).toBe(403)
    const forgotten = () => statusOf(app, 'GET', '/after-child/forgotten')
    const pollution = { maskinporten: 'public' }
    expect(await withPollutedPrototype(pollution, forgotten, { writable: true })).toBe(403)
  })

  const failing = () => {
    throw new Error('own')
  }
  const SYNCHRONOUS = '`publicRoutes` must return a boolean, and not a promise'
  test.each<[string, () => unknown, number, string]>([
    ['throws', failing, 500, 'own'],
    ['returns a promise', async () => true, 500, SYNCHRONOUS],
    ['returns a promise that rejects', async () => failing(), 500, SYNCHRONOUS],
    ['returns a truthy value other than true', () => 1, 403, 'no_guard'],
  ])(
    'default deny does not open a route if publicRoutes %s',
    async (_title, publicRoutes, status, message) => {
      const app = await appWith({ publicRoutes: publicRoutes as () => boolean })
      const { statusCode, body } = await app.inject('/after/forgotten')
      expect(statusCode).toBe(status)
      expect(body).toContain(message)
    },
  )
})
