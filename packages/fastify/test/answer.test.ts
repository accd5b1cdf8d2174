import { createMaskinportenValidator, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { headersWith, mock, READ, validator } from '../../../test/contract/adapter-world.js'
import { deferred } from '../../core/test/deferred.js'
import { loggingTo } from './set-up.js'

/** The error of a caller whose connection the server ended; a connection that failed has another code. */
const RESET = { cause: { code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/) } }

describe('a response that another hook has started', () => {
  let api: FastifyInstance
  let reply: FastifyReply | undefined
  let logged: string[]
  let decided = deferred<void>()
  beforeEach(() => {
    logged = []
    decided = deferred()
    api = Fastify(loggingTo(logged))
    api.addHook('onRequest', async (_request, own) => {
      reply = own
    })
  })
  afterEach(() => api.close())

  /** Sends the request over a socket, because `inject` ends its response at once. */
  const call = async () => {
    api.get('/', async () => expect.unreachable('the handler ran'))
    const url = await api.listen({ host: '127.0.0.1', port: 0 })
    return fetch(url, { headers: await headersWith() })
  }
  /** Calls an application whose guard waits while other code uses the reply. */
  const callGuarded = (use: (reply: FastifyReply | undefined) => void, allowed: boolean) => {
    const authorize = async () => {
      use(reply)
      return allowed
    }
    const { issuer, fetch } = mock
    // `setImmediate` runs after the guard has acted on the decision.
    const onDecision = () => void setImmediate(decided.resolve)
    const own = createMaskinportenValidator({ issuer, fetch, onDecision })
    api.addHook('onRequest', requireMaskinportenScope({ scope: READ, authorize }, { validator: own }))
    return call()
  }

  describe('a response hijacked while the guard waits', () => {
    const takeOver = (take: (reply: FastifyReply) => void, allowed: boolean) =>
      callGuarded((own) => own && take(own.hijack()), allowed)

    it('for an allowed request, the Fastify guard leaves a response to the hook that hijacked it', async () => {
      const response = await takeOver(({ raw }) => void setImmediate(() => raw.end('taken over')), true)
      expect([response.status, await response.text()]).toEqual([200, 'taken over'])
    })

    it('a refusal does not change or cut off a response that has already ended', async () => {
      const body = 'late'.repeat(2_000_000)
      const response = await takeOver(({ raw }) => void raw.writeHead(504).end(body), false)
      expect([response.status, (await response.text()).length]).toEqual([504, body.length])
    })

    it('a refusal ends the connection of a hijacked response', async () => {
      await expect(takeOver(() => undefined, false)).rejects.toMatchObject(RESET)
      await decided.promise
    })
  })

  test.each([true, false])(
    'a guard that decides after another response was sent writes and logs nothing (allowed: %j)',
    async (allowed) => {
      const response = await callGuarded((own) => void own?.code(504).send('late'), allowed)
      expect([response.status, await response.text(), logged]).toEqual([504, 'late', []])
    },
  )

  test.each([true, false])(
    'a guard whose caller has disconnected while it waited runs no handler and logs nothing (allowed: %j)',
    async (allowed) => {
      const disconnect = (own?: FastifyReply) => void own?.raw.destroy()
      await expect(callGuarded(disconnect, allowed)).rejects.toMatchObject(RESET)
      await decided.promise
      expect(logged).toEqual([])
    },
  )

  it('a refusal ends the connection if other code has already sent the response headers', async () => {
    const begin = (own?: FastifyReply) => void own?.raw.writeHead(200).flushHeaders()
    const response = await callGuarded(begin, false)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toMatchObject(RESET)
    expect(logged).toEqual([])
  })

  describe('default deny', () => {
    it('default deny ends the connection of a response whose headers are sent', async () => {
      await api.register(maskinporten, { validator, defaultDeny: true })
      api.addHook('onRequest', async (_request, { raw }) => void raw.writeHead(200).flushHeaders())
      const response = await call()
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toMatchObject(RESET)
    })

    it('default deny does not change a response that ended during the refusal', async () => {
      const body = 'late'.repeat(2_000_000)
      const denialBody = () => {
        reply?.raw.writeHead(504).end(body)
        return undefined
      }
      const own = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, denialBody })
      await api.register(maskinporten, { validator: own, defaultDeny: true })
      const response = await call()
      expect([response.status, (await response.text()).length]).toEqual([504, body.length])
    })
  })
})
