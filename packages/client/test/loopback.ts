import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Starts a server on loopback, which closes when the test ends. Counts its requests and connections. */
export async function serve(listener: Listener) {
  const received = { requests: 0, connections: 0 }
  const server = createServer((request, response) => {
    received.requests++
    listener(request, response)
  }).listen(0, '127.0.0.1')
  server.on('connection', () => received.connections++)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}
