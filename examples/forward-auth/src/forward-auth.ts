import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AccessRequirement, Denial, MaskinportenValidator } from '@portvakt/core'
import { authorizationValues, prepareRequirement } from '@portvakt/core/adapter'
import { identityOf } from './identity.js'

/** Maps each path that the proxy requests to a requirement: `{ '/auth': 'nav:x.read' }`. */
export type Rules = Readonly<Record<string, AccessRequirement<IncomingMessage>>>

/**
 * Creates a server that tells a proxy whether a request may pass. The server answers either 200 with the
 * caller's identity, or the refusal that the proxy sends to the caller. Make sure that nothing except the
 * proxy can reach the server.
 *
 * @throws {TypeError} for a bad requirement or path, and for a path that is a parent of another path
 */
export function createForwardAuth(rules: Rules, validator: MaskinportenValidator): Server {
  const prepared = Object.entries(rules).map(([path, rule]) => ({
    path,
    requirement: prepareRequirement(rule),
  }))
  const paths = prepared.map(({ path }) => path)
  for (const path of paths) {
    if (!/^(?:\/[\w-]+)+$/.test(path)) throw new TypeError(`"${path}" must be a path like /auth`)
    // Envoy appends the caller's path to this path, so the caller could choose the rule of the longer path.
    const longer = paths.find((other) => other.startsWith(`${path}/`))
    if (longer !== undefined)
      throw new TypeError(`"${path}" begins "${longer}": use addresses like /auth-${longer.length}`)
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?', 1)
    // Compare the path as it was sent. The proxy could treat a decoded or shortened path as a different path.
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

  // This limit is higher than the proxy's. With its default of 16 KiB, Node answers 431 to a long token, and
  // nginx turns 431 into 500.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 120_000 }, answer)
  // Some proxies copy the `Expect` header. The answer does not depend on a body, so no 100 is sent.
  server.on('checkContinue', answer)
  server.on('checkExpectation', answer)
  return server
}

/** Answers 200, because Envoy refuses 204. Sends no body, so that every proxy reuses the connection. */
function allow(response: ServerResponse, identity: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...identity, 'cache-control': 'no-store', 'content-length': 0 }).end()
}

/** Also sends the body in `X-Problem`, because nginx drops the body. */
function refuse(response: ServerResponse, { status, headers, body }: Denial): void {
  const problem = body.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, 'x-problem': problem, 'content-length': length }).end(body)
}
