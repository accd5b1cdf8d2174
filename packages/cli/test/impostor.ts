import type { IncomingMessage, ServerResponse } from 'node:http'
import { createMockMaskinporten } from '@portvakt/mock'
import { serve } from '../../../test/contract/conformance/host.js'

/** The answer of a genuine mock on `/portvakt`. */
export interface Identity {
  readonly name: string
  readonly issuer: string
  readonly env: Readonly<Record<string, string>>
}

export type Handler = (request: IncomingMessage, response: ServerResponse, genuine: Identity) => unknown

/**
 * Starts a server in place of a mock. Paths without a handler answer like a mock. `requests` has the methods
 * and paths of the requests so far.
 */
export async function startImpostor(handlers: Readonly<Record<string, Handler>> = {}) {
  const requests: string[] = []
  let genuine: Identity = { name: '@portvakt/mock', issuer: '', env: {} }
  const { port, close } = await serve((request, response) => {
    const asked = `${request.method} ${request.url}`
    requests.push(asked)
    const handler = handlers[asked]
    if (handler) handler(request, response, genuine)
    else if (asked === 'GET /portvakt') json(response, genuine)
    else if (asked === 'GET /portvakt/apps') json(response, [])
    else response.writeHead(404).end()
  })
  const url = `http://127.0.0.1:${port}/`
  const { env } = await createMockMaskinporten({ issuer: url })
  genuine = { ...genuine, issuer: url, env }
  return { url, genuine, requests, close }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
