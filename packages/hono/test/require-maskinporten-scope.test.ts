import { createMaskinportenValidator, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/hono'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'
import { deferred } from '../../core/test/deferred.js'

const headers = await headersWith({ consumer: '889640782' })
const guard = requireMaskinportenScope(READ, { validator })
const ruledBy = (authorize: () => Promise<boolean>) =>
  requireMaskinportenScope({ scope: READ, authorize }, { validator })

let handled: number
beforeEach(() => {
  handled = 0
})
const appWith = (...middleware: MiddlewareHandler[]) =>
  new Hono().use(...middleware).get('/', (context) => {
    handled++
    return context.text('handled')
  })

/** Returns a middleware that calls `act`, and then the next middleware. */
const first =
  (act: (context: Context) => void): MiddlewareHandler =>
  (context, next) => {
    act(context)
    return next()
  }

it('the Hono guard adds only `maskinporten` to the context’s variables', async () => {
  const app = new Hono().use(guard).get('/', (context) => {
    expect(Object.keys(context.var)).toEqual(['maskinporten'])
    expect(getMaskinportenToken(context)).toBe(context.get('maskinporten'))
    return context.text(getMaskinportenToken(context).consumer.organisationNumber ?? '')
  })
  expect(await (await app.request('/', { headers })).text()).toBe('889640782')
})

it('a middleware that calls the Hono guard gets the denial as the return value', async () => {
  const app = appWith(async (context, next) => {
    const denial = await guard(context, async () => undefined)
    return denial ?? next()
  })
  expect([(await app.request('/')).status, handled]).toEqual([401, 0])
  expect(await (await app.request('/', { headers })).text()).toBe('handled')
})

it.each([true, false])(
  'a middleware that calls the Hono guard gets the answer of a time-out in place of the decision (allowed: %j)',
  async (isAllowed) => {
    const app = appWith(async (context, next) => {
      const timedOut = ruledBy(async () => {
        context.res = new Response('late', { status: 504 })
        return isAllowed
      })
      return (await timedOut(context, async () => undefined)) ?? next()
    })
    expect([(await app.request('/', { headers })).status, handled]).toEqual([504, 0])
  },
)

it('the Hono guard passes a key refresh to the runtime’s waitUntil', async () => {
  const clock = createTestClock()
  const { issuer, fetch, issueToken } = await createMockMaskinporten({ clock })
  const refreshing = createMaskinportenValidator({ issuer, fetch, clock })
  await refreshing.ready()
  clock.advance(700)
  const kept: unknown[] = []
  const waitUntil = (promise: unknown) => void kept.push(promise)
  const context = { waitUntil, passThroughOnException() {}, props: {} }
  const authorization = `Bearer ${await issueToken({ scope: READ })}`
  const app = appWith(requireMaskinportenScope(READ, { validator: refreshing }))
  await app.request('/', { headers: { authorization } }, {}, context)
  expect(kept).toEqual([expect.any(Promise)])
  await kept[0]
})

it('the Hono guard passes `decide` a context without own getters, so that V8 can free the request', async () => {
  const decide = vi.fn(validator.decide)
  const watched = { ...validator, decide }
  await appWith(requireMaskinportenScope(READ, { validator: watched })).request('/')
  expect(decide.mock.calls.map(([, , context]) => Object.keys(context ?? {}))).toEqual([['request']])
})

it('creating the Hono guard throws for an invalid scope', () => {
  expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
})

it('getMaskinportenToken for Hono throws if no guard ran', async () => {
  const app = new Hono().get('/', (context) => context.json(getMaskinportenToken(context)))
  app.onError((error, context) => context.text(error.message))
  const message = /No Maskinporten guard ran.*put requireMaskinportenScope\(\.\.\.\) before its handler/
  expect(await (await app.request('/')).text()).toMatch(message)
})

describe('a denial', () => {
  const DENIAL = {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'www-authenticate': 'Bearer realm="maskinporten"',
  }

  it.each<[string, (context: Context, name: string, value: string) => void]>([
    ['on the response', (context, name, value) => context.res.headers.set(name, value)],
    ['by the context', (context, name, value) => context.header(name, value)],
  ])(
    'a denial keeps the headers of earlier middleware except headers that the denial sets (headers set %s)',
    async (_title, setHeader) => {
      const earlier = first((context) => {
        setHeader(context, 'Cache-Control', 'public, max-age=3600')
        setHeader(context, 'WWW-Authenticate', 'Basic')
        setHeader(context, 'Content-Type', 'text/html')
        context.res.headers.set('Access-Control-Allow-Origin', '*')
      })
      const answer = await appWith(earlier, guard).request('/')
      expect([answer.status, (await answer.json()).reason, handled]).toEqual([401, 'no_credentials', 0])
      expect(Object.fromEntries(answer.headers)).toEqual({ ...DENIAL, 'access-control-allow-origin': '*' })
    },
  )

  it('a refusal replaces an earlier response, including the headers that describe the earlier body', async () => {
    const described = { 'content-length': '5', 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }
    const earlier = first((context) => {
      context.res = new Response('early', { headers: { ...described, 'x-own': '1' } })
    })
    const answer = await appWith(earlier, guard).request('/')
    expect([answer.status, (await answer.json()).reason, handled]).toEqual([401, 'no_credentials', 0])
    expect(Object.fromEntries(answer.headers)).toEqual({ ...DENIAL, 'x-own': '1' })
  })

  /** Some servers add headers to the object passed to the Response constructor, and ignore later headers. */
  it('a Hono denial passes mutable headers to the Response constructor', async () => {
    const options: ResponseInit[] = []
    class RecordedResponse extends Response {
      constructor(body?: BodyInit | null, init?: ResponseInit) {
        super(body, init)
        if (init) options.push(init)
      }
    }
    vi.stubGlobal('Response', RecordedResponse)
    await appWith(guard).request('/')
    vi.unstubAllGlobals()
    expect(options).toEqual([{ status: 401, headers: DENIAL }])
    expect(Object.isFrozen(options[0]?.headers)).toBe(false)
  })
})

test.each([true, false])(
  'if a timeout middleware answers while the guard waits, that is the only answer (token allowed: %j)',
  async (allowed) => {
    const [timedOut, answered] = [deferred<void>(), deferred<void>()]
    let decided: Promise<void> | undefined
    // Works like hono/timeout, but the test decides when the time is over.
    const timeout: MiddlewareHandler = (_context, next) => {
      decided = next()
      const late = new HTTPException(504, { message: 'late' })
      return Promise.race([decided, timedOut.promise.then(() => Promise.reject(late))])
    }
    const app = appWith(
      timeout,
      ruledBy(async () => {
        timedOut.resolve()
        await answered.promise
        return allowed
      }),
    )
    const response = await app.request('/', { headers })
    answered.resolve()
    await decided
    expect([response.status, await response.text(), handled]).toEqual([504, 'late', 0])
  },
)

const own = new Error('database')
it.each<[string, () => Promise<boolean>, readonly unknown[]]>([
  ['a refusal ends the connection', async () => false, []],
  ['an error of `authorize` ends the connection and reaches Hono', () => Promise.reject(own), [own]],
])('if Node’s response has sent its headers, %s', async (_title, authorize, errors) => {
  const destroy = vi.fn()
  const failures: unknown[] = []
  const app = appWith(ruledBy(authorize)).onError((error, context) => {
    failures.push(error)
    return context.text('', 500)
  })
  await app.request('/', { headers }, { outgoing: { headersSent: true, destroy } })
  expect([destroy.mock.calls.length, failures, handled]).toEqual([1, errors, 0])
})
