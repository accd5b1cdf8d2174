import auth from '@fastify/auth'
import { type MaskinportenHook, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { headersWith, READ, validator, WRITE } from '../../../test/contract/adapter-world.js'
import { loggingTo, ok } from './set-up.js'

describe('the position of a guard', () => {
  const LATE = [
    'preParsing',
    'preValidation',
    'preHandler',
    'preSerialization',
    'onSend',
    'onResponse',
    'onError',
    'onTimeout',
    'onRequestAbort',
  ] as const

  it.each(LATE)('registering a route with a guard at the hook %s throws', async (position) => {
    const guard = requireMaskinportenScope(READ)
    for (const hooks of [guard, [async () => undefined, guard]]) {
      const app = fastify()
      await app.register(maskinporten, { validator })
      expect(() => app.get('/read', { [position]: hooks }, ok)).toThrow(
        `GET /read: the guard is at ${position}; put it at onRequest: ` +
          '{ onRequest: requireMaskinportenScope(…) }',
      )
    }
  })

  // Fastify itself rejects this guard at onRequestAbort in a call of addHook.
  const HOOKS = LATE.filter((position) => position !== 'onRequestAbort')
  it.each([
    ...HOOKS.map((position) => [position, 'the application'] as const),
    ['preHandler', 'a child context'] as const,
    ['preHandler', 'a route'] as const,
  ])('without the plugin, the application does not start if a guard is at %s of %s', async (position, at) => {
    const app = fastify()
    const guard = requireMaskinportenScope(READ, { validator })
    // The signatures of addHook differ by the name of the hook.
    const add = (to: FastifyInstance) => void to.addHook(position as 'preHandler', guard)
    app.get('/guarded', { onRequest: requireMaskinportenScope(WRITE, { validator }) }, ok)
    if (at === 'the application') add(app)
    await app.register(async (child) => {
      if (at === 'a child context') add(child)
      child.get('/read', at === 'a route' ? { [position]: guard } : {}, ok)
    })
    await expect(Promise.resolve(app.ready())).rejects.toThrow(
      `A Maskinporten guard is at ${position}; put it at onRequest: { onRequest: requireMaskinportenScope(…) } or ` +
        "app.addHook('onRequest', requireMaskinportenScope(…))",
    )
  })

  it('a guard that an onSend hook calls ends the connection, and logs where to put the guard', async () => {
    const lines: string[] = []
    const app = fastify(loggingTo(lines))
    const guard = requireMaskinportenScope(READ, { validator })
    app.addHook('onSend', async (request, reply) => guard(request, reply))
    app.get('/read', ok)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    await expect(fetch(`${url}/read`)).rejects.toThrow()
    await app.close()
    expect(lines.join()).toContain('call guards at onRequest, not at onSend')
  })
})

it('default deny refuses requests to a route whose preHandler hook calls a guard, and logs where to put the guard', async () => {
  const lines: string[] = []
  const app = fastify(loggingTo(lines))
  await app.register(maskinporten, { validator, defaultDeny: true })
  const guard = requireMaskinportenScope(READ)
  app.addHook('preHandler', async (request, reply) => guard(request, reply))
  app.get('/read', ok)
  expect((await app.inject({ url: '/read', headers: await headersWith() })).statusCode).toBe(403)
  expect(lines.join()).toContain('Put a guard at onRequest')
})

it('the application does not start if requireMaskinportenScope itself, not its result, is a hook of a context', async () => {
  // TypeScript rejects this hook, but a JavaScript application can register it.
  const uncalled = requireMaskinportenScope as unknown as MaskinportenHook
  const app = fastify()
  app.addHook('onRequest', uncalled).get('/read', ok)
  await expect(Promise.resolve(app.ready())).rejects.toThrow('call it: requireMaskinportenScope(…)')
})

describe('guards composed by @fastify/auth', () => {
  /**
   * Returns a function that requests a route with composed guards, and resolves to the status and the number
   * of handler calls so far.
   */
  async function callerOf(relation: 'and' | 'or', ...hooks: MaskinportenHook[]) {
    const app = fastify()
    await app.register(maskinporten, { validator, defaultDeny: true })
    await app.register(auth)
    let handled = 0
    app.get('/read', { onRequest: app.auth(hooks, { relation }) }, async () => ++handled)
    return async (scope?: string) => {
      const headers = scope === undefined ? {} : await headersWith({ scope })
      return [(await app.inject({ url: '/read', headers })).statusCode, handled]
    }
  }
  const passes = async () => undefined
  const [read, write] = [requireMaskinportenScope(READ), requireMaskinportenScope(WRITE)]

  it('guards combined with `and` must all allow the request', async () => {
    const call = await callerOf('and', read, write)
    expect(await call()).toEqual([401, 0])
    expect(await call(READ)).toEqual([403, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(`${READ} ${WRITE}`)).toEqual([200, 1])
  })

  it('a guard’s refusal is final, even if a later hook in an `or` would let the request pass', async () => {
    const call = await callerOf('or', read, write, passes)
    expect(await call()).toEqual([401, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(READ)).toEqual([200, 1])
  })

  it('default deny refuses a request if a hook before the guard in an `or` lets the request pass', async () => {
    const call = await callerOf('or', passes, read)
    expect(await call()).toEqual([403, 0])
    expect(await call(READ)).toEqual([403, 0])
  })
})
