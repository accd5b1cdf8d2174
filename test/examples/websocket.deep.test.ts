import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApp } from '../../examples/websocket/src/app.js'
import { guardUpgrades } from '../../examples/websocket/src/guard-upgrades.js'
import { send } from '../contract/conformance/host.js'

const SCOPE = 'portvakt:vedtak.read'

let mock: MockMaskinporten
let validator: MaskinportenValidator
let server: Server
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
})

async function listen(one: Server): Promise<number> {
  server = one.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const bearer = async (scope = SCOPE) => `Bearer ${await mock.issueToken({ scope })}`

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/**
 * Sends an upgrade with exactly these Authorization headers. Returns undefined if the connection ends without
 * an answer.
 */
function upgrade(port: number, authorization: readonly string[]): Promise<Answer | undefined> {
  const headers = [
    ...['Host', 'localhost', 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    ...['Sec-WebSocket-Version', '13', 'Sec-WebSocket-Key', Buffer.alloc(16).toString('base64')],
    ...authorization.flatMap((value) => ['Authorization', value]),
  ]
  return new Promise((resolve) => {
    request({ port, host: '127.0.0.1', headers, agent: false })
      .on('upgrade', (response, socket) => {
        socket.destroy()
        resolve({ status: response.statusCode, headers: response.headers, body: '' })
      })
      .on('response', async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
      .on('error', () => resolve(undefined))
      .end()
  })
}

describe('upgrades on a server with an Express app', () => {
  test.each<[string, number, () => Promise<readonly string[]>, error: string]>([
    ['no token', 401, async () => [], ''],
    ['a bad token', 401, async () => [`${await bearer()}x`], ', error="invalid_token"'],
    [
      'another scope',
      403,
      async () => [await bearer('portvakt:vedtak.write')],
      `, error="insufficient_scope", scope="${SCOPE}"`,
    ],
    ['two valid tokens', 400, async () => [await bearer(), await bearer()], ', error="invalid_request"'],
  ])('an upgrade with %s gets %i', async (_title, status, authorization, error) => {
    const port = await listen(createApp(validator))
    const answer = await upgrade(port, await authorization())
    expect(answer?.status).toBe(status)
    expect(answer?.headers).toMatchObject({
      'www-authenticate': `Bearer realm="maskinporten"${error}`,
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      connection: 'close',
    })
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status })
  })

  it('an upgrade with a valid token becomes a WebSocket', async () => {
    const port = await listen(createApp(validator))
    expect((await upgrade(port, [await bearer()]))?.status).toBe(101)
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: await bearer() } })
    const [message] = await once(webSocket, 'message')
    expect(JSON.parse(String(message))).toEqual({ consumer: '314330897' })
    webSocket.terminate()
  })

  it('guardUpgrades does not affect the app’s routes, which have their own guard', async () => {
    const port = await listen(createApp(validator))
    expect((await send(port, 'GET', '/vedtak')).status).toBe(401)
    const answer = await send(port, 'GET', '/vedtak', [['Authorization', await bearer()]])
    expect([answer.status, answer.body]).toEqual([200, '{"consumer":"314330897"}'])
  })

  it('an upgrade gets 503 with Retry-After while keys are unavailable', async () => {
    const offline = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: () => Promise.reject(new Error('offline')),
    })
    const answer = await upgrade(await listen(createApp(offline)), [await bearer()])
    expect([answer?.status, answer?.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)])
  })
})

describe('guardUpgrades', () => {
  it('guardUpgrades throws for an invalid requirement', () => {
    server = createServer()
    expect(() => guardUpgrades(server, 'vedtak.read', validator, () => undefined)).toThrow(/nais\.yaml/)
  })

  it.each<[string, boolean]>([
    ['`authorize`', true],
    ['the upgrade handler', false],
  ])('guardUpgrades ends the connection without an answer if %s fails', async (_title, isRule) => {
    const fail = () => {
      throw new Error('database')
    }
    const authorize = isRule ? fail : () => true
    server = createServer()
    guardUpgrades(server, { scope: SCOPE, authorize }, validator, fail)
    expect(await upgrade(await listen(server), [await bearer()])).toBeUndefined()
  })

  it('guardUpgrades can refuse an upgrade after the caller has reset the connection', async () => {
    let closed: Promise<unknown> | undefined
    const authorize = async (_token: unknown, { socket }: IncomingMessage) => {
      // Does not use `once` of node:events, which would also listen for `error`.
      closed = new Promise((resolve) => socket.on('close', resolve))
      caller.resetAndDestroy()
      await once(caller, 'close')
      return false
    }
    server = createServer()
    guardUpgrades(server, { scope: SCOPE, authorize }, validator, () => expect.unreachable('it was upgraded'))
    const caller = connect(await listen(server), '127.0.0.1')
    const fields = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket']
    caller.write(`GET / HTTP/1.1\r\n${fields.join('\r\n')}\r\nAuthorization: ${await bearer()}\r\n\r\n`)
    await once(caller, 'close')
    await closed
  })
})
