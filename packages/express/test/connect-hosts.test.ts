import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import middie from '@fastify/middie'
import {
  type AccessRequirement,
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenHandler,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/express'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import connect from 'connect'
import fastify from 'fastify'
import polka from 'polka'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const READ = 'nav:x.read'

let mock: MockMaskinporten
let validator: MaskinportenValidator
let servers: Server[] = []
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
})
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.end(getMaskinportenToken(request).consumer.organisationNumber)
}

async function listening(server: Server): Promise<number> {
  servers.push(server)
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const HOSTS: readonly (readonly [string, (guard: MaskinportenHandler) => Promise<number>])[] = [
  [
    'connect',
    (guard) => {
      const app = connect().use(guard).use(answer)
      return listening(createServer(app))
    },
  ],
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
      app.get('/', async (request) => getMaskinportenToken(request.raw).consumer.organisationNumber)
      await app.listen({ host: '127.0.0.1', port: 0 })
      return listening(app.server)
    },
  ],
]

describe.each(HOSTS)('the Express guard on %s', (_name, serve) => {
  async function call(requirement: AccessRequirement<IncomingMessage>, ...authorization: string[]) {
    const port = await serve(requireMaskinportenScope(requirement, { validator }))
    const headers = ['Host', 'localhost', ...authorization.flatMap((value) => ['Authorization', value])]
    const sent = httpRequest({ port, host: '127.0.0.1', headers, agent: false }).end()
    const [response]: IncomingMessage[] = await once(sent, 'response')
    let body = ''
    for await (const chunk of response ?? []) body += chunk
    return { status: response?.statusCode, challenge: response?.headers['www-authenticate'], body }
  }
  const bearer = async (options: object = {}) =>
    `Bearer ${await mock.issueToken({ scope: READ, ...options })}`

  it('a valid token reaches the handler', async () => {
    const { status, body } = await call(READ, await bearer({ consumer: '889640782' }))
    expect([status, body]).toEqual([200, '889640782'])
  })

  it('a request without a token gets 401 and the denial body', async () => {
    const { status, challenge, body } = await call(READ)
    expect([status, challenge]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect(JSON.parse(body)).toMatchObject({ status: 401, reason: 'no_credentials' })
  })

  it('two Authorization headers get 400', async () => {
    const { status, body } = await call(READ, await bearer(), await bearer())
    expect([status, JSON.parse(body)['reason']]).toEqual([400, 'ambiguous_credentials'])
  })

  it('a token without the scope gets 403', async () => {
    const { status, challenge } = await call(READ, await bearer({ scope: 'nav:x.write' }))
    expect(status).toBe(403)
    expect(challenge).toContain(`scope="${READ}"`)
  })

  it('an error thrown by `authorize` reaches the host, which answers 500', async () => {
    const authorize = () => {
      throw new Error('database')
    }
    expect((await call({ scope: READ, authorize }, await bearer())).status).toBe(500)
  })

  it('a requirement function gets the host’s request', async () => {
    const requirement = ({ method }: IncomingMessage) => (method === 'GET' ? 'nav:x.get' : READ)
    expect((await call(requirement, await bearer())).status).toBe(403)
    expect((await call(requirement, await bearer({ scope: 'nav:x.get' }))).status).toBe(200)
  })
})
