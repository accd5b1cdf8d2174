import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AccessRequirement, Denial, MaskinportenValidator } from '@portvakt/core'
import { authorizationValues, prepareRequirement } from '@portvakt/core/adapter'
import { identityOf } from './identity.js'

/** What a request must meet, by the address at which the proxy asks about it: `{ '/auth': 'nav:x.read' }`. */
export type Rules = Readonly<Record<string, AccessRequirement<IncomingMessage>>>

/**
 * Creates a server that answers a proxy's question whether a request may pass: 200 with the caller's identity, or
 * the refusal that the caller should get. Only the proxy must be able to reach it.
 *
 * @throws {TypeError} for a bad requirement, and for an address that begins another address
 */
export function createForwardAuth(rules: Rules, validator: MaskinportenValidator): Server {
  const prepared = Object.entries(rules).map(([path, rule]) => ({
    path,
    requirement: prepareRequirement(rule),
  }))
  const paths = prepared.map(({ path }) => path)
  for (const path of paths) {
    if (!/^(?:\/[\w-]+)+$/.test(path)) throw new TypeError(`"${path}" must be a path like /auth`)
    // Envoy appends the caller's path to the address. The caller could then choose the other rule.
    const longer = paths.find((other) => other.startsWith(`${path}/`))
    if (longer !== undefined)
      throw new TypeError(`"${path}" begins "${longer}": use addresses like /auth-${longer.length}`)
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?', 1)
    // Compared as sent: a decoded or shortened path could be another one for the proxy.
    const rule = prepared.find((one) => path === one.path || path.startsWith(`${one.path}/`))
    const decision = rule
      ? validator.decide(authorizationValues(request), rule.requirement, { request })
      : validator.refuseUnguarded({ request })
    decision
      .then((made) => {
        if (made.allowed) allow(response, identityOf(made.token))
        else refuse(response, made.denial)
      })
      .catch((error: unknown) => {
        console.error('forward auth: a rule threw an error', error)
        if (!response.headersSent) response.writeHead(500, { 'content-length': 0 }).end()
      })
  }

  // The proxy's header limit decides. Node's own of 16 KiB would answer 431 to a long token, which nginx makes 500.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 120_000 }, answer)
  // Some proxies copy `Expect`. The answer does not depend on a body, so no 100 is sent.
  server.on('checkContinue', answer)
  server.on('checkExpectation', answer)
  return server
}

/** Exactly 200: Envoy refuses 204. Without a body, every proxy reuses the connection. */
function allow(response: ServerResponse, identity: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...identity, 'cache-control': 'no-store', 'content-length': 0 }).end()
}

/** `X-Problem` has the body again, because nginx drops the body. */
function refuse(response: ServerResponse, { status, headers, body }: Denial): void {
  const problem = body.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, 'x-problem': problem, 'content-length': length }).end(body)
}
