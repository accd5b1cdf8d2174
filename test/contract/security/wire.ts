import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { RawHeaders } from '../conformance/host.js'

/** An answer. The names of its headers are in lower case, and repeated headers are kept. */
export interface RawAnswer {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: string
  /** The whole answer, for the leak scan. */
  readonly text: string
}

/** A request that is sent exactly as given. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  /** Headers, sent in Latin-1 exactly as given, even if they are repeated, folded or broken. */
  readonly headers: RawHeaders
  readonly body?: string
}

/** The request as it is sent. */
export function textOf({ method, target, headers, body = '' }: RawRequest): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n${body}`
}

/** Sends a request over a new connection, and closes the connection after the answer. */
export async function sendRaw(socket: Socket, raw: RawRequest): Promise<RawAnswer> {
  const { method } = raw
  // Node's client only reads the answer: it sends nothing before `end` is called.
  // After the answer, the connection can fail: some frameworks answer an unreadable HEAD request with a body.
  const client = request({ method, createConnection: () => socket }).on('error', () => undefined)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).write(textOf(raw), 'latin1')
  const [answer]: IncomingMessage[] = await once(client, 'response')
  if (!answer) throw new Error('The event has no response')
  const { statusCode: status = 0, rawHeaders } = answer
  const received = await text(answer.setEncoding('latin1'))
  socket.destroy()
  return {
    status,
    headers: rawHeaders.flatMap((name, index) =>
      index % 2 ? [] : [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const],
    ),
    body: received,
    text: Buffer.concat(chunks).toString('latin1'),
  }
}
