import { once } from 'node:events'
import { connect as connectHttp2, createServer } from 'node:http2'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { Running } from '../conformance/host.js'
import { HOSTS } from '../conformance/hosts.js'
import { Forge } from './forge.js'
import { createStage, prepare } from './stage.js'

const forge = new Forge()
const usual = await prepare(forge)

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const [HEADERS, RST_STREAM, SETTINGS, GOAWAY] = [1, 3, 4, 7]
const [END_STREAM, END_HEADERS, ACK] = [1, 4, 1]

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
function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  const length: number[] = []
  if (bytes.length < 127) length.push(bytes.length)
  else {
    length.push(127)
    for (let rest = bytes.length - 127; ; rest >>= 7) {
      length.push(rest < 128 ? rest : (rest & 127) | 128)
      if (rest < 128) break
    }
  }
  return Buffer.concat([Buffer.from(length), bytes])
}

/** Sends exactly these header fields, and returns the status from the first header field of the answer. */
async function statusOf(
  port: number,
  path: string,
  fields: readonly (readonly [string, string])[],
): Promise<number> {
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
      if (type !== HEADERS) throw new Error('The stream was reset')
      return statusIn(payload)
    }
  }
  throw new Error('The connection ended without an answer')
}

/**
 * Reads the status from a header block (RFC 7541, appendix A). Index 8 means 200, 12 means 400, 13 means 404,
 * and 14 means 500. Other statuses are literals.
 */
function statusIn(block: Buffer): number {
  const first = block.readUInt8(0)
  const indexed: Record<number, number> = { 136: 200, 140: 400, 141: 404, 142: 500 }
  const known = indexed[first]
  if (known !== undefined) return known
  const [isHuffman, length] = [(block.readUInt8(1) & 128) !== 0, block.readUInt8(1) & 127]
  const value = block.subarray(2, 2 + length)
  return Number(isHuffman ? digitsOf(value) : value.toString('latin1'))
}

/**
 * Decodes digits in the Huffman code of RFC 7541, appendix B: the digits 0 to 2 have five bits, 3 to 9 have
 * six.
 */
function digitsOf(bytes: Buffer): string {
  const codes: Record<string, string> = { '00000': '0', '00001': '1', '00010': '2' }
  for (let digit = 3; digit <= 9; digit++) codes[(22 + digit).toString(2).padStart(6, '0')] = `${digit}`
  let [digits, code] = ['', '']
  for (const bit of [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')) {
    code += bit
    const digit = codes[code]
    if (digit === undefined) continue
    digits += digit
    code = ''
  }
  return digits
}

const authorized = (...values: string[]) => values.map((value) => ['authorization', value] as const)

describe.each(HOSTS.filter((host) => host.startHttp2))('attacks on $name over HTTP/2', (host) => {
  const stage = createStage(usual.validator)
  let running: Running | undefined
  beforeAll(async () => {
    running = await host.startHttp2?.(stage)
  })
  afterAll(() => running?.close())

  test.each<[string, number, (token: string) => readonly (readonly [string, string])[]]>([
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
    expect(await statusOf(running?.port ?? 0, '/read', fields(forge.token()))).toBe(status)
    expect(stage.takeHandled()).toBe(status === 200 ? 1 : 0)
  })

  test.each(['//read', '/read/', '/./read', '/%72ead', '/read;x', '/READ', 'read', '/x/../read'])(
    'H09 an HTTP/2 request for %s without a token runs no handler',
    async (path) => {
      await statusOf(running?.port ?? 0, path, []).catch(() => undefined)
      expect(stage.takeHandled()).toBe(0)
    },
  )
})

it('the HTTP/2 client of these tests sends a repeated header field twice on the wire', async () => {
  const server = createServer((request, response) => {
    const count = request.rawHeaders.filter((name) => name === 'authorization').length
    response.writeHead(count === 2 ? 400 : 200).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  expect(await statusOf(port, '/', authorized('a', 'b'))).toBe(400)
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const [headers] = await once(session.request({ ':path': '/', authorization: 'a' }), 'response')
  expect(headers[':status']).toBe(200)
  session.destroy()
  server.close()
})
