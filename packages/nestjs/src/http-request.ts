import type { ExecutionContext } from '@nestjs/common'
import type { VerifiedToken } from '@portvakt/core'
import type { NodeRequest } from '@portvakt/core/adapter'

interface HttpMessage extends NodeRequest {
  readonly method?: string
  readonly on?: unknown
  /** Whether Node handed the request to the `upgrade` listeners. */
  readonly upgrade?: boolean
}

/** The request of Express, or of Fastify, which has Node's in `raw`. */
export interface PlatformRequest extends HttpMessage {
  readonly raw?: HttpMessage
  /** The caller's token, once a guard has let the request pass. */
  maskinporten?: VerifiedToken
}

/**
 * The HTTP request of a handler: a controller's, or that of a GraphQL query or mutation sent over HTTP.
 *
 * @returns undefined for other transports, for GraphQL over a WebSocket and for subscriptions
 */
export function httpRequestOf(context: ExecutionContext): PlatformRequest | undefined {
  const type = context.getType<string>()
  if (type === 'http') return context.switchToHttp().getRequest<PlatformRequest>()
  if (type !== 'graphql') return undefined
  const resolverArgs = context.getArgs()
  // (parent, args, context, info), or (reference, context, info) for a reference of a federation. NestJS types
  // them as `any`. Both of its drivers put the HTTP request in the context's `req`.
  const request: PlatformRequest | undefined = resolverArgs.at(-2)?.req
  const info: { operation?: { operation?: string } } | undefined = resolverArgs.at(-1)
  if (!request?.headers || info?.operation?.operation === 'subscription') return undefined
  // A WebSocket outlives the token that opened it, and `connection_init` is not a header (RFC 6750 §2). An
  // application can put its content in `req`, but that is JSON without methods.
  const { method, on, upgrade } = request.raw ?? request
  return typeof method === 'string' && typeof on === 'function' && !upgrade ? request : undefined
}
