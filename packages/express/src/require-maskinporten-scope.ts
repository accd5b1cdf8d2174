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

/** The part of a response that the guard writes: methods of Node, which every connect-style host has. */
export interface AnyResponse extends NodeResponse {
  statusCode: number
  setHeader(name: string, value: string | number): unknown
  end(body: string): unknown
}

/** A middleware of Express or of a connect-style host, for requests of any type. */
export type MaskinportenHandler = (
  request: AnyRequest,
  response: AnyResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every other
 * request itself, and the handler never runs. For `app.use` and for single routes, in Express 4 and 5.
 *
 * @param requirement a scope, a rule, or a function of the request that returns one
 * @param options `validator`: default a validator that all guards share, created from the environment
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
  // Returns no promise: Express 4 would ignore it, and the request would hang on its rejection.
  return (request, response, next) => {
    // The application declares the type of the host's requests.
    guard(authorizationValues(request), { request: request as HostRequest })
      .then((decision) => {
        if (!canFollow(decision.allowed, request, response)) return false
        if (decision.allowed) request.maskinporten = decision.token
        else deny(response, decision.denial)
        return decision.allowed
      })
      // A separate step, so that an error thrown by `next` does not call it again.
      .then((allowed) => allowed && next(), next)
  }
}

function deny(response: AnyResponse, { status, headers, body }: Denial): void {
  response.statusCode = status
  removeBodyHeaders(response)
  // Set, not removed: without a length, Node would send chunks.
  response.setHeader('content-length', Buffer.byteLength(body))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
