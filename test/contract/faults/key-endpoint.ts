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
  /** The numbers of requests for keys, and of requests for metadata. */
  const counts = { requests: 0, metadataRequests: 0 }
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/.well-known/')) {
      counts.metadataRequests++
      json({ issuer, jwks_uri: `${issuer}jwk` })(response, request)
      return
    }
    counts.requests++
    response.on('error', () => undefined)
    behaviour(response, request)
  })
  const { port, close } = await running(server)
  const issuer = `http://127.0.0.1:${port}/`
  return {
    issuer,
    counts,
    behave: (next: Behaviour) => {
      behaviour = next
    },
    close,
  }
}
export type KeyEndpoint = Awaited<ReturnType<typeof createKeyEndpoint>>
