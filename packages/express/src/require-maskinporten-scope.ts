import type { AccessRequirement, Denial, GuardOptions, VerifiedToken } from '@portvakt/core'
import {
  answerState,
  authorizationValues,
  breakOff,
  createGuard,
  type NodeRequest,
  type NodeResponse,
} from '@portvakt/core/adapter'
import type { Request } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** The caller's token, once a guard has let the request pass. */
      maskinporten?: VerifiedToken
    }
  }
}

/** The part of a request that the guard reads. Every Express request has it, and that of connect-style hosts. */
export interface AnyRequest extends NodeRequest {
  maskinporten?: VerifiedToken
}

/** The part of a response that the guard writes with: Node's own methods, which every connect-style host has. */
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
 * Lets a request pass only with a Maskinporten token that meets the requirement; everything else is answered
 * here, and the handler never runs. For `app.use` and for single routes, in Express 4 and 5.
 *
 * @param requirement a scope, a rule, or a function of the request that returns one
 * @param options `validator`: default the one that all guards share, made from the environment
 * @throws {TypeError} at once, for a bad requirement or an environment that names no issuer
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
  // Returns nothing: Express 4 ignores a promise, and the request would hang on its rejection.
  return (request, response, next) => {
    // The application's own functions name the type of its requests, which the host hands over.
    guard(authorizationValues(request), { request: request as HostRequest })
      .then((decision) => {
        const state = answerState(request, response)
        // The answer has ended (a time-out wrote it), or the caller has left: nothing is left to do.
        if (state === 'over') return false
        if (decision.allowed) request.maskinporten = decision.token
        else if (state === 'open') deny(response, decision.denial)
        // The headers are already sent: ending the connection is the only refusal left.
        else breakOff(response)
        return decision.allowed
      })
      // `next` is called in a step of its own, so that it is called once, whatever comes after it.
      .then((allowed) => allowed && next(), next)
  }
}

function deny(response: AnyResponse, { status, headers, body }: Denial): void {
  response.statusCode = status
  // Headers of another body, which an earlier middleware has set.
  response.removeHeader('content-encoding')
  response.removeHeader('transfer-encoding')
  // A removed length would make Node send chunks.
  response.setHeader('content-length', Buffer.byteLength(body))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}

/**
 * The token that the guard verified.
 *
 * @throws {Error} when no guard ran before this handler: the route is open to everybody
 * @example
 * app.get('/who', (req, res) => res.json(getMaskinportenToken(req).consumer))
 */
export function getMaskinportenToken(request: AnyRequest): VerifiedToken {
  if (request.maskinporten) return request.maskinporten
  throw new Error(
    'No Maskinporten guard ran for this route: put requireMaskinportenScope(...) before its handler',
  )
}
