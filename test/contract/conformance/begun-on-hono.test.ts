import { getRequestListener } from '@hono/node-server'
import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/hono'
import { createMockMaskinporten } from '@portvakt/mock'
import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, test } from 'vitest'
import { deferred } from '../../../packages/core/test/deferred.js'
import { send, serve } from './host.js'

const READ = 'nav:x.read'

describe('a response set by another Hono middleware', async () => {
  const mock = await createMockMaskinporten()
  const token = await mock.issueToken({ scope: READ })

  /**
   * Calls a guarded app over a socket. Without a socket, a wrong `content-length` would not break an answer.
   */
  async function call(
    earlier: MiddlewareHandler,
    authorize: () => Promise<boolean>,
    onDecision?: () => void,
  ) {
    const { issuer, fetch } = mock
    const validator = createMaskinportenValidator({ issuer, fetch, ...(onDecision && { onDecision }) })
    let handled = 0
    const app = new Hono()
      .use(earlier)
      .use(requireMaskinportenScope({ scope: READ, authorize }, { validator }))
      .get('/', (context) => {
        handled++
        return context.text('handled')
      })
    const running = await serve(getRequestListener(app.fetch))
    const answer = await send(running.port, 'GET', '/', [['Authorization', `Bearer ${token}`]])
    await running.close()
    return { ...answer, handled: () => handled }
  }

  const stream = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)) })
  const described = { 'content-length': '5', 'content-encoding': 'gzip' }
  test.each<[string, () => Response]>([
    ['a whole body', () => new Response('early')],
    ['a streamed body', () => new Response(stream())],
    ['headers that describe its body', () => new Response('early', { headers: described })],
    ['a transfer coding', () => new Response('early', { headers: { 'transfer-encoding': 'chunked' } })],
  ])('a refusal replaces an earlier response that has %s, and arrives complete', async (_title, create) => {
    const answer = await call(
      async (context, next) => {
        context.res = create()
        await next()
      },
      async () => false,
    )
    expect([answer.status, JSON.parse(answer.body).reason]).toEqual([403, 'not_authorized'])
    expect(answer.headers).not.toHaveProperty('content-encoding')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.handled()).toBe(0)
  })

  test.each([true, false])(
    'if a timeout middleware answers while the guard waits, that is the only answer (token allowed: %j)',
    async (allowed) => {
      const [timedOut, answered, decided] = [deferred<void>(), deferred<void>(), deferred<void>()]
      // Works like hono/timeout, but the test decides when the time is over.
      const timeout: MiddlewareHandler = (_context, next) =>
        Promise.race([
          next(),
          timedOut.promise.then(() => {
            throw new HTTPException(504, { message: 'late' })
          }),
        ])
      const authorize = async () => {
        timedOut.resolve()
        await answered.promise
        return allowed
      }
      // `setImmediate` runs after the guard has acted on the decision.
      const { status, body, handled } = await call(
        timeout,
        authorize,
        () => void setImmediate(decided.resolve),
      )
      answered.resolve()
      await decided.promise
      expect([status, body, handled()]).toEqual([504, 'late', 0])
    },
  )
})
