import type { ExecutionContext } from '@nestjs/common'
import type { VerifiedToken } from '@portvakt/core'
import type { NodeRequest } from '@portvakt/core/adapter'

/** The members that tell a request over HTTP from other objects. */
interface HttpMessage extends NodeRequest {
  readonly method?: string
  readonly on?: unknown
  /** Whether Node handed the request to the `upgrade` listeners. */
  readonly upgrade?: boolean
}

/** The request of Express, or of Fastify, which holds Node's in `raw`. */
export interface PlatformRequest extends HttpMessage {
  readonly raw?: HttpMessage
  /** The caller's token, once a guard has let the request pass. */
  maskinporten?: VerifiedToken
}

/** The context that the resolvers of an operation share. Both drivers of NestJS put the HTTP request in `req`. */
interface GraphqlContext {
  readonly req?: PlatformRequest
}

/** The part of a resolver's `info` that is read. */
interface GraphqlInfo {
  readonly operation?: { readonly operation?: string }
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
  // (parent, args, context, info), or (reference, context, info) for a reference of a federation. NestJS types them
  // as `any`; each member that is read may be absent.
  const graphql: GraphqlContext | undefined = resolverArgs.at(-2)
  const info: GraphqlInfo | undefined = resolverArgs.at(-1)
  const request = graphql?.req
  if (!request?.headers || info?.operation?.operation === 'subscription') return undefined
  // A connection outlives the token that opened it, and `connection_init` is not a header (RFC 6750 §2). An
  // application may put its content in `req`, but it is JSON and has no methods.
  const { method, on, upgrade } = request.raw ?? request
  return typeof method === 'string' && typeof on === 'function' && !upgrade ? request : undefined
}
