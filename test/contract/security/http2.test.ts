import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RawHeaders, type Running, sendHttp2 } from '../conformance/host.js'
import { HOSTS } from '../conformance/hosts.js'
import { Forge } from './forge.js'
import { createStage, prepare } from './stage.js'

const forge = new Forge()
const usual = await prepare(forge)

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const [HEADERS, RST_STREAM, SETTINGS, GOAWAY] = [1, 3, 4, 7]
const [END_STREAM, END_HEADERS, ACK] = [1, 4, 1]
/** The first bytes of a header block by the status that they encode (RFC 7541, appendices A and B). */
const STATUSES = { 200: '88', 400: '8c', 401: '48826801' }

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/**
 * Encodes a header field as an HPACK literal (RFC 7541 §6.2.2), because Node's client cannot send the
 * authorization field twice.
 */
const field = (name: string, value: string) => Buffer.concat([Buffer.of(0), text(name), text(value)])

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  const rest = bytes.length - 127
  const length = rest < 0 ? [bytes.length] : [127, (rest & 127) | 128, rest >> 7]
  return Buffer.concat([Buffer.from(length), bytes])
}

/** Sends exactly these header fields, and returns the status from the first header field of the answer. */
async function statusOf(port: number, path: string, fields: RawHeaders): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const pseudo = { ':method': 'GET', ':scheme': 'http', ':authority': 'localhost', ':path': path }
  const block = [...Object.entries(pseudo), ...fields].map(([name, value]) => field(name, value))
  const headers = frame(HEADERS, END_STREAM | END_HEADERS, 1, Buffer.concat(block))
  socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0), headers]))
  let received = Buffer.alloc(0)
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer])
    while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
      const [type, flags] = received.subarray(3, 5)
      const payload = received.subarray(9, 9 + received.readUIntBE(0, 3))
      received = received.subarray(9 + payload.length)
      if (type === SETTINGS && flags === 0) socket.write(frame(SETTINGS, ACK, 0))
      if (type !== HEADERS && type !== RST_STREAM && type !== GOAWAY) continue
      socket.destroy()
      const start = payload.toString('hex')
      const [status] = Object.entries(STATUSES).find(([, bytes]) => start.startsWith(bytes)) ?? []
      if (type !== HEADERS || status === undefined) throw new Error(`Unexpected frame ${type} with ${start}`)
      return Number(status)
    }
  }
  throw new Error('The connection ended without an answer')
}

const authorized = (...values: string[]): RawHeaders => values.map((value) => ['authorization', value])

describe.each(HOSTS.filter((host) => host.startHttp2))('attacks on $name over HTTP/2', (host) => {
  const stage = createStage(usual.validator)
  let server: Running | undefined
  beforeAll(async () => {
    server = await host.startHttp2?.(stage)
  })
  afterAll(() => server?.close())

  test.each<[string, number, (token: string) => RawHeaders]>([
    ['a valid token', 200, (token) => authorized(`Bearer ${token}`)],
    ['H04 an invalid token in a second header', 400, (token) => authorized(`Bearer ${token}`, 'Bearer x')],
    ['H04 a valid token in a second header', 400, (token) => authorized('Bearer x', `Bearer ${token}`)],
    ['H04 a valid token in two headers', 400, (token) => authorized(`Bearer ${token}`, `Bearer ${token}`)],
    [
      'H04 a valid token after a header with another scheme',
      400,
      (token) => authorized('Basic dTpw', `Bearer ${token}`),
    ],
    ['H06 a token in X-Authorization', 401, (token) => [['x-authorization', `Bearer ${token}`]]],
    ['S01 a forged token', 401, () => authorized(`Bearer ${forge.forged()}`)],
  ])('%s gets %i over HTTP/2', async (_title, status, fields) => {
    expect(await statusOf(server?.port ?? 0, '/read', fields(forge.token()))).toBe(status)
    expect(stage.takeHandled()).toBe(status === 200 ? 1 : 0)
  })

  test('a refusal over HTTP/2 has the body of a denial, and `no-store`', async () => {
    const { status, headers, body } = await sendHttp2(server?.port ?? 0, '/read', [])
    expect([status, JSON.parse(body).reason]).toEqual([401, 'no_credentials'])
    expect(headers['cache-control']).toBe('no-store')
  })

  test.each(['//read', '/read/', '/./read', '/%72ead', '/read;x', '/READ', 'read', '/x/../read'])(
    'H09 an HTTP/2 request for %s without a token runs no handler',
    async (path) => {
      await statusOf(server?.port ?? 0, path, []).catch(() => undefined)
      expect(stage.takeHandled()).toBe(0)
    },
  )
})
