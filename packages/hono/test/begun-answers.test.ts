import { requireMaskinportenScope } from '@portvakt/hono'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const headers = await headersWith()

let handled: number
beforeEach(() => {
  handled = 0
})

const pass: MiddlewareHandler = (_context, next) => next()
/** Returns a middleware that calls `act`, and then the next middleware. */
const first =
  (act: (context: Context) => void): MiddlewareHandler =>
  (context, next) => {
    act(context)
    return next()
  }
const appWith = (earlier: MiddlewareHandler, authorize = async () => true) =>
  new Hono()
    .use(earlier)
    .use(requireMaskinportenScope({ scope: READ, authorize }, { validator }))
    .get('/', (context) => {
      handled++
      return context.text('handled')
    })

describe('a response that earlier middleware has set', () => {
  it('a refusal replaces an earlier response, including the headers that describe the earlier body', async () => {
    const described = { 'content-length': '5', 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }
    const app = appWith(
      first((context) => {
        context.res = new Response('early', { headers: { ...described, 'x-own': '1' } })
      }),
    )
    const answer = await app.request('/')
    expect([answer.status, (await answer.json()).reason, handled]).toEqual([401, 'no_credentials', 0])
    const names = ['cache-control', 'content-type', 'www-authenticate', 'x-own']
    expect([...answer.headers.keys()]).toEqual(names)
  })

  it('if the request is allowed, an earlier response is kept, as in Hono without a guard', async () => {
    const app = appWith(
      first((context) => {
        context.res = new Response('early')
      }),
    )
    expect([await (await app.request('/', { headers })).text(), handled]).toEqual(['early', 1])
  })

  test.each([true, false])(
    'the Hono guard does not replace a response that is set while the guard waits (allowed: %j)',
    async (allowed) => {
      let answer: () => void = () => undefined
      const earlier = first((context) => {
        answer = () => {
          context.res = new Response('late', { status: 504 })
        }
      })
      const app = appWith(earlier, async () => {
        answer()
        return allowed
      })
      const response = await app.request('/', { headers })
      expect([response.status, await response.text(), handled]).toEqual([504, 'late', 0])
    },
  )
})

describe('a response sent through Node’s response object', () => {
  const outgoing = (members: object) => {
    const calls: string[] = []
    const destroy = () => calls.push('destroy')
    return { calls, outgoing: { headersSent: false, writableEnded: false, destroy, ...members } }
  }

  test.each<[string, object, readonly string[]]>([
    ['ends the connection if Node’s response has sent its headers', { headersSent: true }, ['destroy']],
    ['does not touch a response of Node that has ended', { headersSent: true, writableEnded: true }, []],
    ['does not touch a response of Node whose headers are not sent yet', {}, []],
  ])('a refusal %s', async (_title, members, expected) => {
    const { calls, ...bindings } = outgoing(members)
    expect((await appWith(pass).request('/', {}, bindings)).status).toBe(401)
    expect([calls, handled]).toEqual([expected, 0])
  })

  it('if the response has started, an error of `authorize` ends the connection and reaches Hono', async () => {
    const own = new Error('database')
    const failures: unknown[] = []
    const app = appWith(pass, () => Promise.reject(own)).onError((error, context) => {
      failures.push(error)
      return context.text('', 500)
    })
    const { calls, ...bindings } = outgoing({ headersSent: true })
    expect((await app.request('/', { headers }, bindings)).status).toBe(500)
    expect([calls, failures, handled]).toEqual([['destroy'], [own], 0])
  })

  it('an allowed request reaches the handler even if Node’s response has already sent headers', async () => {
    const { calls, ...bindings } = outgoing({ headersSent: true })
    expect((await appWith(pass).request('/', { headers }, bindings)).status).toBe(200)
    expect([calls, handled]).toEqual([[], 1])
  })
})
