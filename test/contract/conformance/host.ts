import { once } from 'node:events'
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http'
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Api } from './api.js'

/** A framework that can serve the API under test. */
export interface Host {
  readonly name: string
  start(api: Api): Promise<Running>
  /** False if a second guard on a route replaces the first one's requirement. Default true. */
  readonly stacks?: boolean
  /** Present if the framework supports HTTP/2 (without TLS). */
  readonly startHttp2?: (api: Api) => Promise<Running>
}

/** A host that listens on loopback. */
export interface Running {
  readonly port: number
  /**
   * The number of handlers that ran since the last call of `takeHandled`. Present if the handlers run in
   * another process.
   */
  readonly takeHandled?: () => Promise<number>
  close(): Promise<void>
}

/** Headers in the order of sending. A name can occur several times. */
export type RawHeaders = readonly (readonly [name: string, value: string])[]

export interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export async function serve(listener: RequestListener): Promise<Running> {
  return running(createServer(listener))
}

export async function serveHttp2(listener: (request: never, response: never) => void): Promise<Running> {
  // Frameworks type their listeners for HTTP/1. The tests show that the listeners also work with HTTP/2.
  return running(createHttp2Server(listener as never))
}

export async function running(server: Server | Http2Server): Promise<Running> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function answerTo(port: number, method: string, path: string, headers: RawHeaders, content = '') {
  return new Promise<Answer>((resolve, reject) => {
    const all = [['Host', 'localhost'], ...headers].flat()
    httpRequest({ port, host: '127.0.0.1', method, path, agent: false, headers: all })
      .on('error', reject)
      .on('upgrade', ({ statusCode: status, headers }, socket) => {
        socket.destroy()
        resolve({ status, headers, body: '' })
      })
      .on('response', (response) => {
        const answer = { status: response.statusCode, headers: response.headers }
        text(response).then((body) => resolve({ ...answer, body }), reject)
      })
      .end(content)
  })
}

/** Sends a request with exactly this target, these headers and this body. */
export function send(port: number, method: string, target: string, headers: RawHeaders = [], content = '') {
  const length = String(Buffer.byteLength(content))
  const all = [['Connection', 'close'], ['Content-Length', length], ...headers] as const
  return answerTo(port, method, target, all, content)
}

/** Requests an upgrade to a WebSocket with exactly these Authorization headers. */
export const upgrade = (port: number, path: string, ...authorization: string[]) =>
  answerTo(port, 'GET', path, [
    ...Object.entries({ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }),
    ['Sec-WebSocket-Key', Buffer.alloc(16).toString('base64')],
    ...authorization.map((value) => ['Authorization', value] as const),
  ])

/** Sends a GET request over HTTP/2. Its Authorization header has the values joined by commas. */
export async function sendHttp2(port: number, path: string, authorization: string[]): Promise<Answer> {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({
    ':path': path,
    ...(authorization.length > 0 && { authorization: authorization.join(', ') }),
  })
  const [headers] = await once(stream, 'response')
  const answer = { status: headers[':status'], headers, body: await text(stream) }
  session.close()
  return answer
}
