import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { running } from '../conformance/host.js'

export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

/** A key endpoint on a real socket. The test chooses its answers. */
export interface KeyEndpoint {
  readonly issuer: string
  /** Changes the answer for keys. Metadata is always valid. */
  behave(behaviour: Behaviour): void
  /** `false` refuses connections; `true` listens again at the same address. */
  listen(listening: boolean): Promise<void>
  /** The number of requests for keys. */
  readonly requests: number
  /** The number of requests for metadata. */
  readonly metadataRequests: number
  /** The number of bytes that the endpoint wrote to the connection of the last request. */
  readonly bytesWritten: number
  close(): Promise<void>
}

export const json =
  (value: unknown): Behaviour =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))

export async function createKeyEndpoint(keys: unknown): Promise<KeyEndpoint> {
  let behaviour = json(keys)
  let requests = 0
  let metadataRequests = 0
  let bytesWritten = 0
  const server = createServer((request, response) => {
    const { socket } = request
    if (request.url?.startsWith('/.well-known/')) {
      metadataRequests++
      json({ issuer, jwks_uri: `${issuer}jwk` })(response, request)
      return
    }
    requests++
    const before = socket.bytesWritten
    socket.on('close', () => {
      bytesWritten = socket.bytesWritten - before
    })
    response.on('error', () => undefined)
    behaviour(response, request)
  })
  const { port } = await running(server)
  const issuer = `http://127.0.0.1:${port}/`

  async function listen(listening: boolean): Promise<void> {
    if (server.listening === listening) return
    const done = once(server, listening ? 'listening' : 'close')
    if (listening) server.listen(port, '127.0.0.1')
    else server.close()
    server.closeAllConnections()
    await done
  }

  return {
    issuer,
    listen,
    behave: (next) => {
      behaviour = next
    },
    get requests() {
      return requests
    },
    get metadataRequests() {
      return metadataRequests
    },
    get bytesWritten() {
      return bytesWritten
    },
    close: () => listen(false),
  }
}
