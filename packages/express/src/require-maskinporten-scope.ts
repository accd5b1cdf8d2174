import type { AccessRequirement, Denial, GuardOptions } from '@portvakt/core'
import {
  authorizationValues,
  canFollow,
  createGuard,
  type NodeResponse,
  removeBodyHeaders,
} from '@portvakt/core/adapter'
import type { Request } from 'express'
import type { AnyRequest } from './maskinporten-token.js'

/** The response methods that the guard calls. They are Node's, so every connect-style host provides them. */
export interface AnyResponse extends NodeResponse {
  statusCode: number
  setHeader(name: string, value: string | number): unknown
  end(body: string): unknown
  listenerCount?(event: string, listener: (error?: unknown) => void): number
  removeListener?(event: string, listener: (error?: unknown) => void): unknown
  once?(event: string, listener: () => void): unknown
}

/** A middleware for Express or a connect-style host, with any type of request. */
export type MaskinportenHandler = (
  request: AnyRequest,
  response: AnyResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every
 * other request itself, and the handler does not run. Use the guard in `app.use` or on single routes, in
 * Express 4 and 5.
 *
 * @param requirement a scope, a rule, or a function of the request that returns a scope or a rule
 * @param options `validator` defaults to a validator from the environment, which all guards share
 * @throws {TypeError} at once, for a bad requirement or an environment without an issuer
 * @example
 * app.get('/health', (_req, res) => res.send('ok'))
 * app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
 * app.get('/vedtak', (req, res) => res.json({ to: getMaskinportenToken(req).consumer.organisationNumber }))
 */
export function requireMaskinportenScope<HostRequest extends AnyRequest = Request>(
  requirement: AccessRequirement<HostRequest>,
  options?: GuardOptions,
): MaskinportenHandler {
  const guard = createGuard(requirement, options)
  // This middleware does not return a promise: Express 4 would ignore the promise, and a rejection would
  // leave the request hanging.
  return (request, response, next) => {
    if (typeof next !== 'function')
      throw new TypeError('A guard was called without `next`: guard(req, res, next)')
    // The application chooses `HostRequest` to match the requests of its framework.
    guard(authorizationValues(request), { request: request as HostRequest })
      .then((decision) => {
        if (!canFollow(decision.allowed, request, response)) return false
        if (decision.allowed) request.maskinporten = decision.token
        else deny(response, decision.denial)
        return decision.allowed
      })
      // `next` is called in a `then` of its own, so that an error that `next` throws does not cause a second
      // call of `next`.
      .then((allowed) => allowed && next(), next)
    queueMicrotask(() => untieFromClose(response, next))
  }
}

/**
 * h3 1 (Nitro 2) makes `next` a listener of `close` after it has called a middleware, so the handler would run
 * for a caller who hangs up before the decision.
 *
 * @see https://github.com/h3js/h3/blob/v1.15.11/src/adapters/node.ts `callNodeListener`
 */
function untieFromClose(response: AnyResponse, next: (error?: unknown) => void): void {
  if (!response.listenerCount?.('close', next)) return
  response.removeListener?.('close', next)
  response.once?.('close', () => next(response.writableEnded ? undefined : new Error('The caller hung up')))
}

function deny(response: AnyResponse, { status, headers, body }: Denial): void {
  response.statusCode = status
  removeBodyHeaders(response)
  // Content-Length is replaced, not removed: without this header, Node would send the body in chunks.
  response.setHeader('content-length', Buffer.byteLength(body))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
