import { createServer, type RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'
import { running } from '../../../test/contract/conformance/host.js'

/** Starts a server on loopback, which closes when the test ends. Counts its requests and connections. */
export async function serve(listener: RequestListener) {
  const received = { requests: 0, connections: 0 }
  const server = createServer((request, response) => {
    received.requests++
    listener(request, response)
  })
  server.on('connection', () => received.connections++)
  const { port, close } = await running(server)
  onTestFinished(close)
  return { url: `http://127.0.0.1:${port}`, received }
}
