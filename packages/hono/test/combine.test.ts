import { type MaskinportenValidator, requireMaskinportenScope } from '@portvakt/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { every, except, some } from 'hono/combine'
import { describe, expect, it } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const ADMIN = 'nav:x.admin'

/** Returns the status for a token with these scopes (or for no token), and the number of handler calls. */
async function call(guard: MiddlewareHandler, scope?: string, { path = '/', consumer = '889640782' } = {}) {
  let ran = 0
  const app = new Hono().use(guard).all('*', (context) => {
    ran++
    return context.text('ok')
  })
  const headers = scope === undefined ? {} : await headersWith({ scope, consumer })
  const { status } = await app.request(path, { headers })
  return [status, ran]
}

const read = requireMaskinportenScope(READ, { validator })
const admin = requireMaskinportenScope(ADMIN, { validator })

describe('a guard in hono/combine', () => {
  it('`some` of two guards decides like the first guard alone: it is not an OR', async () => {
    expect(await call(some(read, admin), READ)).toEqual([200, 1])
    expect(await call(some(read, admin), ADMIN)).toEqual([403, 0])
    expect(await call(some(read, admin))).toEqual([401, 0])
  })

  it('the second guard of `some` decides only if the first guard’s rule throws', async () => {
    const authorize = () => Promise.reject(new Error('database'))
    const throwing = requireMaskinportenScope({ scope: READ, authorize }, { validator })
    expect(await call(some(throwing, admin), READ)).toEqual([403, 0])
    expect(await call(some(throwing, admin), `${READ} ${ADMIN}`)).toEqual([200, 1])
  })

  it('`every` of two guards is an AND', async () => {
    expect(await call(every(read, admin), `${READ} ${ADMIN}`)).toEqual([200, 1])
    expect(await call(every(read, admin), READ)).toEqual([403, 0])
    expect(await call(every(read, admin), ADMIN)).toEqual([403, 0])
  })

  it('without a token, `except` opens only the listed paths, however another path is spelled', async () => {
    const guard = except(['/health', '/public/*'], read)
    for (const path of ['/health', '/public/a'])
      expect(await call(guard, undefined, { path }), path).toEqual([200, 1])
    for (const path of ['/', '/Health', '//health', '/public/%2e%2e/vedtak'])
      expect(await call(guard, undefined, { path }), path).toEqual([401, 0])
  })
})

it('an application can build an OR of rules from two decisions of the validator', async () => {
  const guard = eitherOf(validator)
  expect(await call(guard, READ, { consumer: '889640782' })).toEqual([200, 1])
  expect(await call(guard, READ, { consumer: '991825827' })).toEqual([403, 0])
  expect(await call(guard, ADMIN, { consumer: '991825827' })).toEqual([200, 1])
  expect(await call(guard)).toEqual([401, 0])
})

/** The same code as in the README of this package. */
function eitherOf(validator: MaskinportenValidator): MiddlewareHandler {
  return async (c, next) => {
    const authorization = c.req.header('authorization')
    const own = { scope: 'nav:x.read', consumers: ['889640782'] }
    let decision = await validator.decide(authorization, own, { request: c })
    if (!decision.allowed) decision = await validator.decide(authorization, 'nav:x.admin', { request: c })
    if (!decision.allowed) {
      const { status, headers, body } = decision.denial
      return new Response(body, { status, headers: { ...headers } })
    }
    c.set('maskinporten', decision.token)
    return next()
  }
}
