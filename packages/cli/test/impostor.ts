import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMockMaskinporten } from '@portvakt/mock'

/** The answer of a genuine mock on `/portvakt`. */
export interface Identity {
  readonly name: string
  readonly issuer: string
  readonly env: Readonly<Record<string, string>>
}

export type Handler = (request: IncomingMessage, response: ServerResponse, genuine: Identity) => unknown

export type Impostor = Awaited<ReturnType<typeof startImpostor>>

/**
 * Starts a server in place of a mock. Paths without a handler answer like a mock. `requests` has the methods
 * and paths of the requests so far.
 */
export async function startImpostor(handlers: Readonly<Record<string, Handler>> = {}) {
  const requests: string[] = []
  let genuine: Identity = { name: '@portvakt/mock', issuer: '', env: {} }
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url}`
    requests.push(asked)
    const handler = handlers[asked]
    if (handler) handler(request, response, genuine)
    else if (asked === 'GET /portvakt') json(response, genuine)
    else if (asked === 'GET /portvakt/apps') json(response, [])
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const { env } = await createMockMaskinporten({ issuer: url })
  genuine = { ...genuine, issuer: url, env }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, genuine, requests, close }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
