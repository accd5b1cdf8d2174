import {
  type AccessRequirement,
  getMaskinportenToken,
  maskinporten,
  requireMaskinportenScope,
} from '@portvakt/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { headersWith, READ, validator, WRITE } from '../../../test/contract/adapter-world.js'
import { ok } from './set-up.js'

let handled: number
let failures: unknown[]
let api: FastifyInstance
beforeEach(() => {
  handled = 0
  failures = []
  api = Fastify()
})
afterEach(() => api.close())

type Requirement = AccessRequirement<FastifyRequest>
const guardOf = (requirement: Requirement) => requireMaskinportenScope(requirement, { validator })

/** Adds an application-wide guard. */
function guarded(requirement: Requirement = READ): FastifyInstance {
  api.setErrorHandler((error, _request, reply) => {
    failures.push(error)
    return reply.code(500).send({ failed: true })
  })
  api.addHook('onRequest', guardOf(requirement))
  api.all('/read', async (request) => {
    handled++
    return getMaskinportenToken(request).consumer.organisationNumber
  })
  return api
}
const read = async (method: 'GET' | 'PUT' = 'GET') =>
  api.inject({ method, url: '/read', headers: await headersWith({ consumer: '889640782' }) })

it('the Fastify guard passes a request with a valid token to the handler', async () => {
  guarded()
  expect(await read()).toMatchObject({ statusCode: 200, body: '889640782' })
})

it('the application’s serializers and response schemas do not change a denial', async () => {
  api.addHook('onRequest', async (_request, reply) => void reply.serializer(() => 'changed'))
  const schema = { response: { '4xx': { type: 'object', properties: { only: { type: 'string' } } } } }
  api.get('/', { schema, onRequest: guardOf(READ) }, ok)
  const response = await api.inject('/')
  expect(response.headers['content-type']).toBe('application/problem+json')
  expect(response.json()).toMatchObject({ status: 401, code: 'missing_token', reason: 'no_credentials' })
})

it('the Fastify guard refuses a request before Fastify reads the body', async () => {
  const sent = { headers: { 'content-type': 'application/json' }, payload: '{ not json' }
  const response = await guarded().inject({ method: 'POST', url: '/read', ...sent })
  expect(response.statusCode).toBe(401)
})

it('a requirement function gets the Fastify request', async () => {
  guarded((request) => (request.method === 'GET' ? READ : WRITE))
  expect((await read('GET')).statusCode).toBe(200)
  expect((await read('PUT')).statusCode).toBe(403)
})

it('on Fastify, an error thrown by `authorize` reaches the error handler unchanged', async () => {
  const own = new Error('database')
  guarded({ scope: READ, authorize: () => Promise.reject(own) })
  expect((await read()).statusCode).toBe(500)
  expect([failures.length, handled]).toEqual([1, 0])
  expect(failures[0]).toBe(own)
})

it('on Fastify, the response is 500 if `authorize` rejects with undefined', async () => {
  guarded({ scope: READ, authorize: () => Promise.reject(undefined) })
  expect([(await read()).statusCode, handled]).toEqual([500, 0])
  expect(failures).toMatchObject([{ message: expect.stringMatching(/not an error/), cause: undefined }])
})

it('creating the Fastify guard throws for an invalid scope or option', () => {
  expect(() => requireMaskinportenScope('sykepenger/afp.read')).toThrow(/nais\.yaml/)
  expect(() => requireMaskinportenScope(READ, { validater: validator } as never)).toThrow(
    /requireMaskinportenScope has no option `validater`/,
  )
})

it.each<[string, (server: FastifyInstance) => unknown]>([
  ['a route', (server) => server.get('/', { onRequest: requireMaskinportenScope(READ) }, ok)],
  ['a call of addHook', (server) => server.addHook('onRequest', requireMaskinportenScope(READ, {}))],
  [
    'a context whose child has a validator',
    (server) =>
      server
        .register(async (child) => void (await child.register(maskinporten, { validator })))
        .get('/', { onRequest: requireMaskinportenScope(READ) }, ok),
  ],
])('without an issuer, the application does not start if a guard is in %s', async (_title, guard) => {
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  guard(api)
  await expect(api.ready()).rejects.toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.unstubAllEnvs()
})

it('the application does not start if a guard is registered as a plugin, and the error names the mistake', async () => {
  api.register(guardOf(READ) as never)
  await expect(api.ready()).rejects.toThrow('A guard was called without a request')
})

it('getMaskinportenToken for Fastify throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({} as FastifyRequest)).toThrow(message)
})
