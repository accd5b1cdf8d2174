import { createMaskinportenValidator, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/hono'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const headers = await headersWith({ consumer: '889640782' })

describe('requireMaskinportenScope on Hono', () => {
  const guard = requireMaskinportenScope(READ, { validator })

  it('the Hono guard adds only `maskinporten` to the context’s variables', async () => {
    const app = new Hono().use(guard).get('/', (context) => {
      expect(Object.keys(context.var)).toEqual(['maskinporten'])
      expect(getMaskinportenToken(context)).toBe(context.get('maskinporten'))
      return context.text(getMaskinportenToken(context).consumer.organisationNumber ?? '')
    })
    expect(await (await app.request('/', { headers })).text()).toBe('889640782')
  })

  it.each<[string, (context: Context, name: string, value: string) => void]>([
    ['on the response', (context, name, value) => context.res.headers.set(name, value)],
    ['by the context', (context, name, value) => context.header(name, value)],
  ])(
    'a denial keeps the headers of earlier middleware except headers that the denial sets (headers set %s)',
    async (_title, setHeader) => {
      const earlier: MiddlewareHandler = (context, next) => {
        setHeader(context, 'Cache-Control', 'public, max-age=3600')
        setHeader(context, 'WWW-Authenticate', 'Basic')
        setHeader(context, 'Content-Type', 'text/html')
        context.res.headers.set('Access-Control-Allow-Origin', '*')
        return next()
      }
      const app = new Hono().use(earlier, guard).get('/', () => expect.unreachable('the handler ran'))
      const answer = await app.request('/')
      expect(answer.status).toBe(401)
      expect(Object.fromEntries(answer.headers)).toEqual({
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        'content-type': 'application/problem+json',
        'www-authenticate': 'Bearer realm="maskinporten"',
      })
      expect(await answer.json()).toMatchObject({ reason: 'no_credentials' })
    },
  )

  it('a middleware that calls the Hono guard gets the denial as the return value', async () => {
    let ran = 0
    const app = new Hono()
      .use(async (context, next) => {
        const denial = await guard(context, async () => undefined)
        if (denial) return denial
        return next()
      })
      .get('/', (context) => {
        ran++
        return context.text('ran')
      })
    expect([(await app.request('/')).status, ran]).toEqual([401, 0])
    expect(await (await app.request('/', { headers })).text()).toBe('ran')
    const alone = new Hono().get('/', guard)
    expect((await alone.request('/')).status).toBe(401)
  })

  it('the Hono guard passes a key refresh to the runtime’s waitUntil', async () => {
    const clock = createTestClock()
    const own = await createMockMaskinporten({ clock })
    const refreshing = createMaskinportenValidator({ issuer: own.issuer, fetch: own.fetch, clock })
    await refreshing.ready()
    clock.advance(700)
    const kept: unknown[] = []
    const waitUntil = (promise: unknown) => void kept.push(promise)
    const context = { waitUntil, passThroughOnException() {}, props: {} }
    const app = new Hono().get('/', requireMaskinportenScope(READ, { validator: refreshing }))
    const authorization = `Bearer ${await own.issueToken({ scope: READ })}`
    await app.request('/', { headers: { authorization } }, {}, context)
    expect(kept).toEqual([expect.any(Promise)])
    await kept[0]
  })

  it('the Hono guard passes `decide` a context without own getters, so that V8 can free the request', async () => {
    const decide = vi.fn(validator.decide)
    const watched = { ...validator, decide }
    await new Hono().use(requireMaskinportenScope(READ, { validator: watched })).request('/')
    expect(decide.mock.calls.map(([, , context]) => Object.keys(context ?? {}))).toEqual([['request']])
  })

  it('an invalid scope throws when the Hono guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken for Hono throws if no guard ran', async () => {
    const app = new Hono().get('/', (context) => context.json(getMaskinportenToken(context)))
    app.onError((error, context) => context.text(error.message))
    const message = /No Maskinporten guard ran.*put requireMaskinportenScope\(\.\.\.\) before its handler/
    expect(await (await app.request('/')).text()).toMatch(message)
  })
})

/** Some servers add headers to the object passed to the Response constructor, and ignore later headers. */
it('a Hono denial passes mutable headers to the Response constructor', async () => {
  const given: ResponseInit[] = []
  class RecordedResponse extends Response {
    constructor(body?: BodyInit | null, init?: ResponseInit) {
      super(body, init)
      if (init) given.push(init)
    }
  }
  vi.stubGlobal('Response', RecordedResponse)
  try {
    await new Hono().use(requireMaskinportenScope(READ, { validator })).request('/')
    const denial = {
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'www-authenticate': 'Bearer realm="maskinporten"',
    }
    expect(given).toEqual([{ status: 401, headers: denial }])
    expect(Object.isFrozen(given[0]?.headers)).toBe(false)
  } finally {
    vi.unstubAllGlobals()
  }
})
