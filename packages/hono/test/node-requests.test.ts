import { getRequestListener } from '@hono/node-server'
import { requireMaskinportenScope } from '@portvakt/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'
import { send, serve } from '../../../test/contract/conformance/host.js'

const { authorization } = await headersWith()
const guard = requireMaskinportenScope(READ, { validator })

/** The status of a request with these Authorization headers. */
async function statusOf(app: Hono, ...values: string[]): Promise<number | undefined> {
  const { port, close } = await serve(getRequestListener(app.fetch))
  onTestFinished(close)
  const headers = values.map((value) => ['Authorization', value] as const)
  return (await send(port, 'GET', '/', headers)).status
}

const guarded = (...earlier: MiddlewareHandler[]) =>
  new Hono().use(...earlier, guard).get('/', (context) => context.text('handled'))
const changing =
  (change: (headers: Headers) => void): MiddlewareHandler =>
  (context, next) => {
    change(context.req.raw.headers)
    return next()
  }

describe('the guard on @hono/node-server', () => {
  it('the Hono guard decides a request without building the Headers object', async () => {
    let built: readonly unknown[] | undefined
    const app = new Hono().use(guard).get('/', ({ req, text }) => {
      built = Object.getOwnPropertySymbols(req.raw).filter((key) => /headers/i.test(String(key.description)))
      req.header('host')
      return text('handled')
    })
    expect(await statusOf(app, authorization)).toBe(200)
    expect(built).toEqual([])
  })

  it('a second Authorization header is refused', async () => {
    expect(await statusOf(guarded(), authorization, authorization)).toBe(400)
    expect(await statusOf(guarded(), authorization, '')).toBe(400)
  })

  it('the Hono guard reads a header that a middleware has set', async () => {
    const setting = guarded(changing((headers) => headers.set('authorization', authorization)))
    expect(await statusOf(setting)).toBe(200)
  })

  it('the Hono guard ignores a header that a middleware has deleted', async () => {
    const removing = guarded(changing((headers) => headers.delete('authorization')))
    expect(await statusOf(removing, authorization)).toBe(401)
  })

  it('an inner request with the bindings of the outer request is decided by its own headers', async () => {
    const inner = guarded()
    const app = new Hono().get('/', (context) => inner.request('/', {}, context.env))
    expect(await statusOf(app, authorization)).toBe(401)
    const passing = new Hono().get('/', (context) =>
      inner.request('/', { headers: { authorization } }, context.env),
    )
    expect(await statusOf(passing)).toBe(200)
  })

  it('if a middleware replaces the request, the Hono guard reads the headers of the new request', async () => {
    const replacing: MiddlewareHandler = (context, next) => {
      context.req.raw = new Request(context.req.raw.url)
      return next()
    }
    expect(await statusOf(guarded(replacing), authorization)).toBe(401)
  })
})
