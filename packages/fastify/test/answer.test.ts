import { createMaskinportenValidator, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import { createMockMaskinporten } from '@portvakt/mock'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'

const READ = 'nav:x.read'

describe('a response that another hook has started', async () => {
  const { issuer, fetch: fetchKeys, issueToken } = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer, fetch: fetchKeys })
  const headers = { authorization: `Bearer ${await issueToken({ scope: READ })}` }
  let api: FastifyInstance
  let reply: FastifyReply | undefined
  let logged: string[]
  beforeEach(() => {
    logged = []
    api = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => void logged.push(line) } } })
    api.addHook('onRequest', async (_request, own) => {
      reply = own
    })
  })
  afterEach(() => api.close())

  /** Sends the request over a socket, because `inject` ends its response at once. */
  const call = async () => fetch(await api.listen({ host: '127.0.0.1', port: 0 }), { headers })

  describe('a response hijacked while the guard waits', () => {
    function takeOver(take: (reply: FastifyReply) => void, allowed: boolean): Promise<Response> {
      const authorize = async () => {
        if (reply) take(reply.hijack())
        return allowed
      }
      const onRequest = requireMaskinportenScope({ scope: READ, authorize }, { validator })
      api.get('/', { onRequest }, async () => expect.unreachable('the handler ran'))
      return call()
    }

    it('the guard leaves a hijacked response to its hook if the request is allowed', async () => {
      const response = await takeOver(({ raw }) => void setImmediate(() => raw.end('taken over')), true)
      expect([response.status, await response.text()]).toEqual([200, 'taken over'])
    })

    it('a refusal does not change a response that has already ended', async () => {
      const response = await takeOver(({ raw }) => void raw.writeHead(504).end('late'), false)
      expect([response.status, await response.text()]).toEqual([504, 'late'])
    })

    it('a refusal ends the connection of a hijacked response', async () => {
      await expect(takeOver(() => undefined, false)).rejects.toThrow()
    })
  })

  test.each([true, false])(
    'a guard that decides after another response was sent writes and logs nothing (allowed: %j)',
    async (allowed) => {
      const authorize = async () => {
        void reply?.code(504).send('late')
        return allowed
      }
      const onRequest = requireMaskinportenScope({ scope: READ, authorize }, { validator })
      api.get('/', { onRequest }, async () => expect.unreachable('the handler ran'))
      const response = await call()
      expect([response.status, await response.text(), logged]).toEqual([504, 'late', []])
    },
  )

  describe('default deny', () => {
    it('default deny ends the connection of a response whose headers are sent', async () => {
      await api.register(maskinporten, { validator, defaultDeny: true })
      api.addHook('onRequest', async (_request, { raw }) => void raw.writeHead(200).flushHeaders())
      api.get('/', async () => expect.unreachable('the handler ran'))
      const response = await call()
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
    })

    it('default deny does not change a response that ended during the refusal', async () => {
      const denialBody = () => {
        reply?.raw.writeHead(504).end('late')
        return undefined
      }
      const own = createMaskinportenValidator({ issuer, fetch: fetchKeys, denialBody })
      await api.register(maskinporten, { validator: own, defaultDeny: true })
      api.get('/', async () => expect.unreachable('the handler ran'))
      const response = await call()
      expect([response.status, await response.text()]).toEqual([504, 'late'])
    })
  })
})
