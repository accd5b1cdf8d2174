import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { createMaskinportenValidator, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { headersWith, mock, READ, validator } from '../../../test/contract/adapter-world.js'
import { deferred } from '../../core/test/deferred.js'
import { loggingTo } from './set-up.js'

/** The error of a caller whose connection the server ended; a connection that failed has another code. */
const RESET = { cause: { code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/) } }
/** Longer than a socket's buffers, so that a connection that is cut off loses a part. */
const LATE = 'late'.repeat(2_000_000)

let api: FastifyInstance
let reply: FastifyReply
let logged: string[]
beforeEach(() => {
  logged = []
  api = Fastify(loggingTo(logged))
  api.addHook('onRequest', async (_request, own) => {
    reply = own
  })
})
afterEach(() => api.close())

/** Sends the request over a socket, because `inject` ends its response at once. */
async function call() {
  api.get('/', async () => expect.unreachable('the handler ran'))
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  return fetch(url, { headers: await headersWith() })
}

/** Calls an application whose guard waits while other code uses the reply. */
function callGuarded(use: () => unknown, allowed: boolean) {
  const authorize = async () => {
    use()
    return allowed
  }
  api.addHook('onRequest', requireMaskinportenScope({ scope: READ, authorize }, { validator }))
  return call()
}

describe('a response that another hook uses while the guard waits', () => {
  it('for an allowed request, the Fastify guard leaves a response to the hook that hijacked it', async () => {
    const takeOver = () => {
      void setImmediate().then(() => reply.raw.end('taken over'))
      reply.hijack()
    }
    const response = await callGuarded(takeOver, true)
    expect([response.status, await response.text()]).toEqual([200, 'taken over'])
  })

  it('a refusal does not change or cut off a response that has already ended', async () => {
    const response = await callGuarded(() => reply.hijack().raw.writeHead(504).end(LATE), false)
    expect([response.status, (await response.text()).length]).toEqual([504, LATE.length])
  })

  it('a refusal ends the connection of a hijacked response', async () => {
    await expect(callGuarded(() => reply.hijack(), false)).rejects.toMatchObject(RESET)
  })

  test.each([true, false])(
    'a guard that decides after another response was sent writes and logs nothing (allowed: %j)',
    async (allowed) => {
      const response = await callGuarded(() => reply.code(504).send('late'), allowed)
      expect([response.status, await response.text(), logged]).toEqual([504, 'late', []])
    },
  )

  it('for an allowed request, no handler runs if the caller has disconnected while the guard waited', async () => {
    await expect(callGuarded(() => reply.raw.destroy(), true)).rejects.toMatchObject(RESET)
    await setImmediate()
    expect(logged).toEqual([])
  })
})

it.each([false, true])(
  'no handler runs if the caller hangs up while an `onSend` hook delays the refusal (default deny: %j)',
  async (defaultDeny) => {
    await api.register(maskinporten, { validator, defaultDeny })
    const caller = new AbortController()
    const handled = vi.fn(async () => 'handled')
    const sent = new Promise<void>((resolve) => {
      api.addHook('onSend', async (_request, { raw }) => {
        const closed = once(raw, 'close')
        caller.abort()
        await closed
        await setImmediate()
        resolve()
      })
    })
    api.get('/', defaultDeny ? {} : { onRequest: requireMaskinportenScope(READ) }, handled)
    const url = await api.listen({ host: '127.0.0.1', port: 0 })
    await expect(fetch(url, { signal: caller.signal })).rejects.toThrow('aborted')
    await sent
    await setImmediate()
    expect(handled).not.toHaveBeenCalled()
  },
)

it('a refusal leaves the answer of a time-out that waits in an `onError` hook', async () => {
  const [timedOut, decided] = [deferred<void>(), deferred<void>()]
  const timed = Fastify({ handlerTimeout: 10 })
  onTestFinished(() => timed.close())
  timed.addHook('onError', async () => {
    timedOut.resolve()
    await decided.promise
    await setImmediate()
  })
  const authorize = async () => {
    await timedOut.promise
    decided.resolve()
    return false
  }
  const handled = vi.fn(async () => 'handled')
  timed.get('/', { onRequest: requireMaskinportenScope({ scope: READ, authorize }, { validator }) }, handled)
  const response = await fetch(await timed.listen({ host: '127.0.0.1', port: 0 }), {
    headers: await headersWith(),
  })
  expect([response.status, handled.mock.calls]).toEqual([503, []])
})

it('another error of `reply.send` rejects the guard', async () => {
  const own = new Error('own')
  const failing = { raw: { removeHeader() {} }, sent: false, code() {}, headers() {}, removeHeader() {} }
  const send = () => {
    throw own
  }
  const guarding = requireMaskinportenScope(READ, { validator })
  const answering = guarding({ raw: { headers: {} }, server: {} } as never, { ...failing, send } as never)
  await expect(answering).rejects.toBe(own)
})

it('default deny ends the connection of a response whose headers are sent, and logs no other error', async () => {
  await api.register(maskinporten, { validator, defaultDeny: true })
  api.addHook('onRequest', async (_request, { raw }) => void raw.writeHead(200).flushHeaders())
  const response = await call()
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toMatchObject(RESET)
  expect(logged).toEqual([expect.stringContaining('no Maskinporten guard let it pass')])
})

it('default deny does not change a response that ended during the refusal', async () => {
  const denialBody = () => void reply.raw.writeHead(504).end(LATE)
  const own = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, denialBody })
  await api.register(maskinporten, { validator: own, defaultDeny: true })
  const response = await call()
  expect([response.status, (await response.text()).length]).toEqual([504, LATE.length])
})
