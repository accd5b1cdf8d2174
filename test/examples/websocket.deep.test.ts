import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, describe, expect, it, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApp } from '../../examples/websocket/src/app.js'
import { guardUpgrades } from '../../examples/websocket/src/guard-upgrades.js'
import { type Running, running, send, upgrade } from '../contract/conformance/host.js'

const SCOPE = 'portvakt:vedtak.read'

const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
let server: Running | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function listen(one: Server): Promise<number> {
  server = await running(one)
  return server.port
}

// On a slow machine, the tests of this file can take longer than the default lifetime.
const bearer = async (scope: string) => `Bearer ${await mock.issueToken({ scope, expiresIn: 3600 })}`
const valid = await bearer(SCOPE)

describe('upgrades on a server with an Express app', async () => {
  const other = await bearer('portvakt:vedtak.write')
  test.each<[string, number, readonly string[], error: string]>([
    ['no token', 401, [], ''],
    ['a bad token', 401, [`${valid}x`], ', error="invalid_token"'],
    ['another scope', 403, [other], `, error="insufficient_scope", scope="${SCOPE}"`],
    ['two valid tokens', 400, [valid, valid], ', error="invalid_request"'],
  ])('an upgrade with %s gets %i', async (_title, status, authorization, error) => {
    const port = await listen(createApp(validator))
    const answer = await upgrade(port, '/', ...authorization)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({
      'www-authenticate': `Bearer realm="maskinporten"${error}`,
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      connection: 'close',
    })
    expect(JSON.parse(answer.body)).toMatchObject({ status })
  })

  it('an upgrade with a valid token becomes a WebSocket', async () => {
    const port = await listen(createApp(validator))
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: valid } })
    const [message] = await once(webSocket, 'message')
    expect(JSON.parse(String(message))).toEqual({ consumer: '314330897' })
    webSocket.terminate()
  })

  it('guardUpgrades does not affect the app’s routes, which have their own guard', async () => {
    const port = await listen(createApp(validator))
    expect((await send(port, 'GET', '/vedtak')).status).toBe(401)
    const answer = await send(port, 'GET', '/vedtak', [['Authorization', valid]])
    expect([answer.status, answer.body]).toEqual([200, '{"consumer":"314330897"}'])
  })
})

describe('guardUpgrades', () => {
  it('guardUpgrades throws for an invalid requirement', () => {
    const unused = () => undefined
    expect(() => guardUpgrades(createServer(), 'vedtak.read', validator, unused)).toThrow(/nais\.yaml/)
  })

  it.each<[string, boolean]>([
    ['`authorize`', true],
    ['the upgrade handler', false],
  ])('guardUpgrades ends the connection without an answer if %s fails', async (_title, isRule) => {
    const fail = () => {
      throw new Error('database')
    }
    const authorize = isRule ? fail : () => true
    const guarded = createServer()
    guardUpgrades(guarded, { scope: SCOPE, authorize }, validator, fail)
    await expect(upgrade(await listen(guarded), '/', valid)).rejects.toThrow(/hang up|ECONNRESET/)
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
    const guarded = createServer()
    guardUpgrades(guarded, { scope: SCOPE, authorize }, validator, () =>
      expect.unreachable('it was upgraded'),
    )
    const caller = connect(await listen(guarded), '127.0.0.1')
    const fields = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket']
    caller.write(`GET / HTTP/1.1\r\n${fields.join('\r\n')}\r\nAuthorization: ${valid}\r\n\r\n`)
    await once(caller, 'close')
    await closed
  })
})
