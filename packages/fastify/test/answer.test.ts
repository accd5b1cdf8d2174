import { createMaskinportenValidator, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import { createMockMaskinporten } from '@portvakt/mock'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

describe('an answer that another hook has begun', async () => {
  const { issuer, fetch: fetchKeys, issueToken } = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer, fetch: fetchKeys })
  const headers = { authorization: `Bearer ${await issueToken({ scope: READ })}` }
  let api: FastifyInstance
  let reply: FastifyReply | undefined
  beforeEach(() => {
    api = Fastify()
    api.addHook('onRequest', async (_request, own) => {
      reply = own
    })
  })
  afterEach(() => api.close())

  /** Over a socket: an injected answer is over as soon as it is given. */
  const call = async () => fetch(await api.listen({ host: '127.0.0.1', port: 0 }), { headers })

  describe('by taking the response over while the guard waits', () => {
    function takeOver(take: (reply: FastifyReply) => void, allowed: boolean): Promise<Response> {
      const authorize = async () => {
        if (reply) take(reply.hijack())
        return allowed
      }
      const onRequest = requireMaskinportenScope({ scope: READ, authorize }, { validator })
      api.get('/', { onRequest }, async () => expect.unreachable('the handler ran'))
      return call()
    }

    it('is left to that hook if the request is allowed', async () => {
      const response = await takeOver(({ raw }) => void setImmediate(() => raw.end('taken over')), true)
      expect([response.status, await response.text()]).toEqual([200, 'taken over'])
    })

    it('is left as it is if it has ended', async () => {
      const response = await takeOver(({ raw }) => void raw.writeHead(504).end('late'), false)
      expect([response.status, await response.text()]).toEqual([504, 'late'])
    })

    it('is broken off if the request is refused', async () => {
      await expect(takeOver(() => undefined, false)).rejects.toThrow()
    })
  })

  describe('under default deny', () => {
    it('is broken off', async () => {
      await api.register(maskinporten, { validator, defaultDeny: true })
      api.addHook('onRequest', async (_request, { raw }) => void raw.writeHead(200).flushHeaders())
      api.get('/', async () => expect.unreachable('the handler ran'))
      const response = await call()
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
    })

    it('is left as it is if it has ended while the request was refused', async () => {
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
