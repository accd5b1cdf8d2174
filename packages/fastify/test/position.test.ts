import auth from '@fastify/auth'
import {
  createMaskinportenValidator,
  type MaskinportenHook,
  type MaskinportenValidator,
  maskinporten,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import fastify from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'
const WRITE = 'nav:x.write'

let mock: MockMaskinporten
let validator: MaskinportenValidator
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
})

const headers = async (scope: string) => ({ authorization: `Bearer ${await mock.issueToken({ scope })}` })
const hello = async () => 'hello'

describe('the position of a guard', () => {
  it.each(['preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse'])(
    'a route with a guard at %s throws when it is registered',
    async (position) => {
      for (const defaultDeny of [true, false]) {
        for (const list of [true, false]) {
          const app = fastify()
          await app.register(maskinporten, { validator, defaultDeny })
          const guard = requireMaskinportenScope(READ)
          expect(() => app.get('/read', { [position]: list ? [guard] : guard }, hello)).toThrow(
            `GET /read: the guard is at ${position}; put it at onRequest`,
          )
        }
      }
    },
  )

  it('a guard at preHandler throws in a child of the plugin’s context', async () => {
    const app = fastify()
    await app.register(maskinporten, { validator })
    const child = app.register(async (inner) => {
      inner.get('/read', { preHandler: requireMaskinportenScope(READ) }, hello)
    })
    await expect(Promise.resolve(child)).rejects.toThrow('put it at onRequest')
  })
})

it('default deny refuses requests to a route whose guard is a preHandler hook, and logs where to put the guard', async () => {
  const lines: string[] = []
  const app = fastify({
    logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } },
  })
  await app.register(maskinporten, { validator, defaultDeny: true })
  app.addHook('preHandler', requireMaskinportenScope(READ))
  app.get('/read', hello)
  expect((await app.inject({ url: '/read', headers: await headers(READ) })).statusCode).toBe(403)
  expect(lines.join()).toContain('Put a guard at onRequest')
})

describe('requireMaskinportenScope itself as a hook', () => {
  // TypeScript rejects this hook, but a JavaScript application can register it.
  const uncalled = requireMaskinportenScope as unknown as MaskinportenHook

  it('the start fails if requireMaskinportenScope itself, not its result, is a hook of a route', async () => {
    const app = fastify()
    app.get('/read', { onRequest: uncalled }, hello)
    await expect(Promise.resolve(app.ready())).rejects.toThrow('call it: requireMaskinportenScope(…)')
  })

  it('the start fails if requireMaskinportenScope itself, not its result, is a hook of a context', async () => {
    const app = fastify()
    app.addHook('onRequest', uncalled)
    app.get('/read', hello)
    await expect(Promise.resolve(app.ready())).rejects.toThrow('call it: requireMaskinportenScope(…)')
  })
})

describe('guards composed by @fastify/auth', () => {
  async function appWith(compose: (app: ReturnType<typeof fastify>) => MaskinportenHook) {
    const app = fastify()
    await app.register(maskinporten, { validator, defaultDeny: true })
    await app.register(auth)
    let handled = 0
    app.get('/read', { onRequest: compose(app) }, async () => {
      handled++
      return 'hello'
    })
    return async (scope?: string) => {
      const response = await app.inject({ url: '/read', ...(scope && { headers: await headers(scope) }) })
      return [response.statusCode, handled]
    }
  }
  const passes = async () => undefined

  it('guards combined with `and` must all allow the request', async () => {
    const call = await appWith((app) =>
      app.auth([requireMaskinportenScope(READ), requireMaskinportenScope(WRITE)], { relation: 'and' }),
    )
    expect(await call()).toEqual([401, 0])
    expect(await call(READ)).toEqual([403, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(`${READ} ${WRITE}`)).toEqual([200, 1])
  })

  it('a guard’s refusal is final, even if a later hook in an `or` would let the request pass', async () => {
    const call = await appWith((app) =>
      app.auth([requireMaskinportenScope(READ), requireMaskinportenScope(WRITE), passes], { relation: 'or' }),
    )
    expect(await call()).toEqual([401, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(READ)).toEqual([200, 1])
  })

  it('default deny refuses a request if a hook before the guard in an `or` lets it pass', async () => {
    const call = await appWith((app) =>
      app.auth([passes, requireMaskinportenScope(READ)], { relation: 'or' }),
    )
    expect(await call()).toEqual([403, 0])
    expect(await call(READ)).toEqual([403, 0])
  })
})
