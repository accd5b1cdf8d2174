import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/hono'
import { createMockMaskinporten } from '@portvakt/mock'
import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { beforeEach, describe, expect, it, test } from 'vitest'

const READ = 'nav:x.read'

describe('a response set by another Hono middleware', async () => {
  const mock = await createMockMaskinporten()
  const headers = { authorization: `Bearer ${await mock.issueToken({ scope: READ })}` }
  /** Runs while the guard waits. */
  let during: () => unknown
  let allowed: boolean
  let handled: number
  let decided: Promise<void>
  let onDecided: () => void
  beforeEach(() => {
    during = () => undefined
    handled = 0
    decided = new Promise((resolve) => {
      onDecided = resolve
    })
  })
  const validator = createMaskinportenValidator({
    issuer: mock.issuer,
    fetch: mock.fetch,
    // `setImmediate` runs after the guard has acted on the decision.
    onDecision: () => void setImmediate(onDecided),
  })
  const authorize = async () => {
    await during()
    return allowed
  }
  const appWith = (earlier: MiddlewareHandler) =>
    new Hono()
      .use(earlier)
      .use(requireMaskinportenScope({ scope: READ, authorize }, { validator }))
      .get('/', (context) => {
        handled++
        return context.text('handled')
      })

  /** Calls the app over a socket, because a wrong `content-length` breaks an answer only there. */
  async function call(app: Hono): Promise<{ status: number; body: string; headers: Headers }> {
    const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers })
      return { status: answer.status, body: await answer.text(), headers: answer.headers }
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  test.each<[string, () => Response]>([
    ['a whole body', () => new Response('early')],
    [
      'a stream',
      () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)) })),
    ],
    [
      'headers that describe its body',
      () => new Response('early', { headers: { 'content-length': '5', 'content-encoding': 'gzip' } }),
    ],
    ['a transfer coding', () => new Response('early', { headers: { 'transfer-encoding': 'chunked' } })],
  ])('a refusal replaces an earlier response with %s, and arrives complete', async (_title, create) => {
    allowed = false
    const answer = await call(
      appWith(async (context, next) => {
        context.res = create()
        await next()
      }),
    )
    expect([answer.status, JSON.parse(answer.body).reason, handled]).toEqual([403, 'not_authorized', 0])
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('an allowed request gets the response that an earlier middleware set', async () => {
    allowed = true
    const { status, body } = await call(
      appWith(async (context, next) => {
        context.res = new Response('early')
        await next()
      }),
    )
    expect([status, body, handled]).toEqual([200, 'early', 1])
  })

  test.each([true, false])(
    'a time-out that answers while the guard waits is the only answer (token allowed: %j)',
    async (verdict) => {
      allowed = verdict
      let onTimeout: () => void = () => undefined
      const timedOut = new Promise<void>((resolve) => {
        onTimeout = resolve
      })
      let onAnswered: () => void = () => undefined
      const answered = new Promise<void>((resolve) => {
        onAnswered = resolve
      })
      during = () => {
        onTimeout()
        return answered
      }
      // Works like hono/timeout, but without a clock.
      const timeout: MiddlewareHandler = (_context, next) =>
        Promise.race([
          next(),
          timedOut.then(() => {
            throw new HTTPException(504, { message: 'late' })
          }),
        ])
      const { status, body } = await call(appWith(timeout))
      onAnswered()
      await decided
      expect([status, body, handled]).toEqual([504, 'late', 0])
    },
  )
})
