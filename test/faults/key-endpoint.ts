import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the endpoint answers a request for its keys. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

/** A key endpoint on a socket of its own, whose answers a test writes. */
export interface KeyEndpoint {
  readonly issuer: string
  /** What it answers from now on; metadata is always answered well. */
  behave(behaviour: Behaviour): void
  /** Stops listening, so that connections are refused; `true` listens again, at the same address. */
  listen(listening: boolean): Promise<void>
  /** How often its keys were asked for. */
  readonly requests: number
  /** How often its metadata was. */
  readonly metadataRequests: number
  /** What it has written to the connection of the latest request, in bytes. */
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
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
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
