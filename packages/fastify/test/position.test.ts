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

describe('a guard of a route that stands elsewhere than at onRequest stops the start', () => {
  it.each(['preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse'])(
    'at %s',
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

  it('also in a context inside that of the plugin', async () => {
    const app = fastify()
    await app.register(maskinporten, { validator })
    const child = app.register(async (inner) => {
      inner.get('/read', { preHandler: requireMaskinportenScope(READ) }, hello)
    })
    await expect(Promise.resolve(child)).rejects.toThrow('put it at onRequest')
  })
})

it('a guard added as a preHandler hook is refused under default deny, and the log says where it belongs', async () => {
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

describe('requireMaskinportenScope that is handed over uncalled stops the start', () => {
  // JavaScript has no types that would refuse it.
  const uncalled = requireMaskinportenScope as unknown as MaskinportenHook

  it('as a hook of a route', async () => {
    const app = fastify()
    app.get('/read', { onRequest: uncalled }, hello)
    await expect(Promise.resolve(app.ready())).rejects.toThrow('call it: requireMaskinportenScope(…)')
  })

  it('as a hook of a context', async () => {
    const app = fastify()
    app.addHook('onRequest', uncalled)
    app.get('/read', hello)
    await expect(Promise.resolve(app.ready())).rejects.toThrow('call it: requireMaskinportenScope(…)')
  })
})

describe('composed by @fastify/auth at onRequest', () => {
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

  it('guards related by `and` must all let the request pass', async () => {
    const call = await appWith((app) =>
      app.auth([requireMaskinportenScope(READ), requireMaskinportenScope(WRITE)], { relation: 'and' }),
    )
    expect(await call()).toEqual([401, 0])
    expect(await call(READ)).toEqual([403, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(`${READ} ${WRITE}`)).toEqual([200, 1])
  })

  it('the refusal of a guard is the answer, whatever comes after it by `or`', async () => {
    const call = await appWith((app) =>
      app.auth([requireMaskinportenScope(READ), requireMaskinportenScope(WRITE), passes], { relation: 'or' }),
    )
    expect(await call()).toEqual([401, 0])
    expect(await call(WRITE)).toEqual([403, 0])
    expect(await call(READ)).toEqual([200, 1])
  })

  it('a hook that passes before a guard by `or` does not count as a guard under default deny', async () => {
    const call = await appWith((app) =>
      app.auth([passes, requireMaskinportenScope(READ)], { relation: 'or' }),
    )
    expect(await call()).toEqual([403, 0])
    expect(await call(READ)).toEqual([403, 0])
  })
})
