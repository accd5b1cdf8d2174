import type { ExecutionContext } from '@nestjs/common'
import type { VerifiedToken } from '@portvakt/core'
import type { NodeRequest } from '@portvakt/core/adapter'

interface HttpMessage extends NodeRequest {
  readonly method?: string
  readonly on?: unknown
  /** Whether Node passed the request to its `upgrade` listeners. */
  readonly upgrade?: boolean
}

/** Express's request, which is Node's own, or Fastify's request, which has Node's request in `raw`. */
export interface PlatformRequest extends HttpMessage {
  readonly raw?: HttpMessage
  /** The caller's verified token, set by the guard that lets the request pass. */
  maskinporten?: VerifiedToken
}

/**
 * Returns the HTTP request of a controller's handler, or of a GraphQL query or mutation that was sent over
 * HTTP.
 *
 * @returns undefined for other transports, for GraphQL over a WebSocket and for subscriptions
 */
export function httpRequestOf(context: ExecutionContext): PlatformRequest | undefined {
  const type = context.getType<string>()
  if (type === 'http') return context.switchToHttp().getRequest<PlatformRequest>()
  if (type !== 'graphql') return undefined
  const resolverArgs = context.getArgs()
  // A resolver receives (parent, args, context, info). A federation's reference resolver receives (reference,
  // context, info). NestJS types these arguments as `any`. Both of NestJS's drivers put the HTTP request in
  // the context's `req`.
  const request: PlatformRequest | undefined = resolverArgs.at(-2)?.req
  const info: { operation?: { operation?: string } } | undefined = resolverArgs.at(-1)
  if (!request?.headers || info?.operation?.operation === 'subscription') return undefined
  // Excludes WebSockets: a WebSocket outlives the token that opened it, and `connection_init` is not a header
  // (RFC 6750 §2). If an application puts the payload of `connection_init` in `req`, `on` is not a function,
  // because the payload is JSON.
  const { method, on, upgrade } = request.raw ?? request
  return typeof method === 'string' && typeof on === 'function' && !upgrade ? request : undefined
}
