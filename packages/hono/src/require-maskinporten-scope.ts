import type {
  AccessRequirement,
  Decision,
  GuardOptions,
  RequestContext,
  VerifiedToken,
  WaitUntil,
} from '@portvakt/core'
import { breakOff, createGuard, type NodeResponse } from '@portvakt/core/adapter'
import type { Context, MiddlewareHandler } from 'hono'

declare module 'hono' {
  interface ContextVariableMap {
    /** The caller's token, once a guard has let the request pass. */
    maskinporten: VerifiedToken
  }
}

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement; everything else is answered
 * here, and what comes after never runs. For `app.use` and for single routes.
 *
 * @param requirement a scope, a rule, or a function of the context that returns one
 * @param options `validator`: default the one that all guards share, made from the environment
 * @throws {TypeError} at once, for a bad requirement or an environment that names no issuer
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
    let decision: Decision
    try {
      decision = await guard(context.req.header('authorization'), new Call(context))
    } catch (error) {
      // An error of the application's own rule.
      breakOffBegun(context)
      throw error
    }
    // Answered while the guard waited (by a time-out): nothing is left to do.
    if (context.finalized && !wasAnswered) return undefined
    if (!decision.allowed) {
      breakOffBegun(context)
      const { status, headers, body } = decision.denial
      // Named here too, as some servers remember what a response was made with and nothing of the rest; as a copy,
      // since some add to it.
      context.res = new Response(body, { status, headers: { ...headers } })
      // Hono lays over it what an earlier middleware has set: CORS may stay, a cache's permission may not.
      for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
      for (const name of BODY_HEADERS) context.res.headers.delete(name)
      return context.res
    }
    context.set('maskinporten', decision.token)
    await next()
    return undefined
  }
}

/** Headers of another body, which an earlier middleware has set. */
const BODY_HEADERS = ['content-encoding', 'content-length', 'transfer-encoding']

/**
 * Ends the connection if other code has already sent headers through Node's own response, which @hono/node-server
 * passes as a binding. The server cannot write a denial then, and would complete the answer with an error text.
 */
function breakOffBegun(context: Context): void {
  const { outgoing }: { outgoing?: NodeResponse } = context.env ?? {}
  if (outgoing?.headersSent && !outgoing.writableEnded) breakOff(outgoing)
}

/**
 * A class, because V8 keeps what a getter in an object literal refers to until it collects the whole heap: every
 * request would outlive its answer.
 */
class Call implements RequestContext<Context> {
  readonly request: Context

  constructor(context: Context) {
    this.request = context
  }

  /** Only asked for when a refresh of the keys begins: on runtimes without an execution context, Hono throws. */
  get waitUntil(): WaitUntil {
    try {
      const { executionCtx } = this.request
      return (promise) => executionCtx.waitUntil(promise)
    } catch {
      return undefined
    }
  }
}

/**
 * The token that the guard verified.
 *
 * @throws {Error} when no guard ran before this handler: the route is open to everybody
 * @example
 * app.get('/who', (c) => c.json(getMaskinportenToken(c).consumer))
 */
export function getMaskinportenToken(context: Context): VerifiedToken {
  const token: VerifiedToken | undefined = context.get('maskinporten')
  if (token) return token
  throw new Error(
    'No Maskinporten guard ran for this route: put requireMaskinportenScope(...) before its handler',
  )
}
