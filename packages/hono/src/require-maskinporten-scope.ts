import type { AccessRequirement, Authorization, GuardOptions, WaitUntil } from '@portvakt/core'
import {
  AdapterContext,
  authorizationValues,
  canFollow,
  createGuard,
  type NodeRequest,
  type NodeResponse,
} from '@portvakt/core/adapter'
import type { Context, MiddlewareHandler } from 'hono'

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every
 * other request itself, and no later middleware runs. Use the guard in `app.use` or on single routes.
 *
 * @param requirement a scope, a rule, or a function of the context that returns a scope or a rule
 * @param options `validator` defaults to a validator from the environment, which all guards share
 * @throws {TypeError} at once, for a bad requirement or an environment without an issuer
 * @example
 * app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
 * app.get('/vedtak', (c) => c.json({ to: getMaskinportenToken(c).consumer.organisationNumber }))
 */
export function requireMaskinportenScope(
  requirement: AccessRequirement<Context>,
  options?: GuardOptions,
): MiddlewareHandler {
  const guard = createGuard(requirement, options)
  return async (context, next) => {
    const wasAnswered = context.finalized
    const call = new AdapterContext(context, () => waitUntilOf(context))
    const decision = await guard(authorizationOf(context), call).catch((error: unknown) => {
      // A function of the application, such as `authorize`, threw an error.
      breakOffBegun(context)
      throw error
    })
    // Other code, such as a time-out, answered while the guard waited. The answer is returned, because a
    // middleware that calls this guard takes `undefined` for an allowed request.
    if (context.finalized && !wasAnswered) return context.res
    if (!decision.allowed) {
      breakOffBegun(context)
      const { status, headers, body } = decision.denial
      // Pass the headers to the constructor, because some servers read only headers that are passed there.
      // Pass a copy, because some servers add headers to the passed object.
      context.res = new Response(body, { status, headers: { ...headers } })
      // Hono adds the headers that earlier middleware set. CORS headers are kept; headers that control
      // caching or describe another body are not.
      for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
      for (const name of BODY_HEADERS) context.res.headers.delete(name)
      return context.res
    }
    context.set('maskinporten', decision.token)
    await next()
    return undefined
  }
}

/**
 * Reads the headers of Node's request, because they show a second Authorization header. @hono/node-server
 * supplies Node's request as a binding. If Hono's request has already built headers of its own, reads those:
 * middleware can have changed them, or called the application with another request and the same bindings.
 */
function authorizationOf(context: Context): Authorization {
  const { incoming }: { incoming?: NodeRequest } = context.env ?? {}
  if (incoming?.rawHeaders && isLazyRequestOf(incoming, context.req.raw)) return authorizationValues(incoming)
  return context.req.header('authorization')
}

/** Whether `request` wraps this Node request, and has built neither headers nor a web-standard request. */
function isLazyRequestOf(incoming: object, request: Request): boolean {
  const values = Object.getOwnPropertySymbols(request).map((key) => Reflect.get(request, key))
  const isBuilt = values.some((value) => value instanceof Headers || value instanceof Request)
  return values.includes(incoming) && !isBuilt
}

const BODY_HEADERS = ['content-encoding', 'content-length', 'transfer-encoding']

/**
 * Ends the connection if other code has sent headers through Node's response, a binding of @hono/node-server.
 * If the connection stayed open, the server would append an error text to that response.
 */
function breakOffBegun(context: Context): void {
  const { outgoing }: { outgoing?: NodeResponse } = context.env ?? {}
  if (outgoing) canFollow(false, {}, outgoing)
}

function waitUntilOf(context: Context): WaitUntil {
  try {
    const { executionCtx } = context
    return (promise) => executionCtx.waitUntil(promise)
  } catch {
    // Hono throws on runtimes without an execution context.
    return undefined
  }
}
