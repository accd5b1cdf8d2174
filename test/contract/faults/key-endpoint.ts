import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { running } from '../conformance/host.js'

export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

export const json =
  (value: unknown): Behaviour =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))

/** A key endpoint on a real socket. The test chooses its answers; metadata is always valid. */
export async function createKeyEndpoint(keys: unknown) {
  let behaviour = json(keys)
  /**
   * The numbers of requests for keys, of requests for metadata, and of bytes written in answer to the last
   * request for keys.
   */
  const counts = { requests: 0, metadataRequests: 0, bytesWritten: 0 }
  const server = createServer((request, response) => {
    const { socket } = request
    if (request.url?.startsWith('/.well-known/')) {
      counts.metadataRequests++
      json({ issuer, jwks_uri: `${issuer}jwk` })(response, request)
      return
    }
    counts.requests++
    const before = socket.bytesWritten
    socket.on('close', () => {
      counts.bytesWritten = socket.bytesWritten - before
    })
    response.on('error', () => undefined)
    behaviour(response, request)
  })
  const { port } = await running(server)
  const issuer = `http://127.0.0.1:${port}/`

  /**
   * Stops the server, so that connections are refused (`false`), or starts it again at the same address
   * (`true`).
   */
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
    counts,
    listen,
    behave: (next: Behaviour) => {
      behaviour = next
    },
    close: () => listen(false),
  }
}
export type KeyEndpoint = Awaited<ReturnType<typeof createKeyEndpoint>>
