import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import middie from '@fastify/middie'
import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenHandler,
  requireMaskinportenScope,
} from '@portvakt/express'
import { createMockMaskinporten } from '@portvakt/mock'
import connect from 'connect'
import fastify from 'fastify'
import polka from 'polka'
import { afterEach, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const answer = (incoming: IncomingMessage, response: ServerResponse) => {
  response.end(getMaskinportenToken(incoming).consumer.organisationNumber)
}

async function listening(server: Server): Promise<number> {
  servers.push(server)
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const HOSTS: readonly (readonly [string, (guard: MaskinportenHandler) => Promise<number>])[] = [
  ['connect', (guard) => listening(createServer(connect().use(guard).use(answer)))],
  [
    'polka',
    async (guard) => {
      const app = polka().use(guard).get('/', answer).listen(0, '127.0.0.1')
      if (!app.server) throw new Error('polka did not create a server')
      await once(app.server, 'listening')
      return listening(app.server)
    },
  ],
  [
    '@fastify/middie',
    async (guard) => {
      const app = fastify()
      await app.register(middie)
      app.use(guard)
      app.get('/', async ({ raw }) => getMaskinportenToken(raw).consumer.organisationNumber)
      await app.listen({ host: '127.0.0.1', port: 0 })
      return listening(app.server)
    },
  ],
]

describe.each(HOSTS)('the Express guard on %s', (_name, serve) => {
  async function call(requirement: AccessRequirement<IncomingMessage>, ...authorization: string[]) {
    const port = await serve(requireMaskinportenScope(requirement, { validator }))
    const headers = ['Host', 'localhost', ...authorization.flatMap((value) => ['Authorization', value])]
    const sent = request({ port, host: '127.0.0.1', headers, agent: false }).end()
    const [response]: IncomingMessage[] = await once(sent, 'response')
    let body = ''
    for await (const chunk of response ?? []) body += chunk
    return { status: response?.statusCode, challenge: response?.headers['www-authenticate'], body }
  }
  const bearer = async (options: object = {}) =>
    `Bearer ${await mock.issueToken({ scope: READ, ...options })}`

  it('the Express guard passes a request with a valid token to the handler', async () => {
    const { status, body } = await call(READ, await bearer({ consumer: '889640782' }))
    expect([status, body]).toEqual([200, '889640782'])
  })

  it('a request without a token gets 401 and the denial body', async () => {
    const { status, challenge, body } = await call(READ)
    expect([status, challenge]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect(JSON.parse(body)).toMatchObject({ status: 401, reason: 'no_credentials' })
  })

  it('a request with two Authorization headers gets 400', async () => {
    const { status, body } = await call(READ, await bearer(), await bearer())
    expect([status, JSON.parse(body)['reason']]).toEqual([400, 'ambiguous_credentials'])
  })

  it('an error thrown by `authorize` reaches the framework, which answers 500', async () => {
    const authorize = () => {
      throw new Error('database')
    }
    expect((await call({ scope: READ, authorize }, await bearer())).status).toBe(500)
  })

  it('a requirement function gets the request object of the framework', async () => {
    const requirement = ({ method }: IncomingMessage) => (method === 'GET' ? 'nav:x.get' : READ)
    expect((await call(requirement, await bearer())).status).toBe(403)
    expect((await call(requirement, await bearer({ scope: 'nav:x.get' }))).status).toBe(200)
  })
})
