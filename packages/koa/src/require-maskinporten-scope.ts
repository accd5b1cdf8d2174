import type { AccessRequirement, Denial, GuardOptions } from '@portvakt/core'
import {
  authorizationValues,
  canFollow,
  createGuard,
  type NodeRequest,
  type NodeResponse,
  removeBodyHeaders,
} from '@portvakt/core/adapter'
import type { Context } from 'koa'

/** The part of a context that the guard uses. Every Koa context has it. */
export interface AnyContext {
  readonly req: NodeRequest
  readonly res: NodeResponse & { end(body: string): unknown }
  readonly state: object
  readonly respond?: boolean | undefined
  status: number
  body: unknown
  set(headers: Record<string, string>): unknown
  remove(name: string): unknown
}

/** A Koa middleware for contexts of any type. */
export type MaskinportenMiddleware = (context: AnyContext, next: () => Promise<unknown>) => Promise<unknown>

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every
 * other request itself, and no later middleware runs. Use the guard in `app.use` or on a router's routes, in
 * Koa 2 and 3.
 *
 * @param requirement a scope, a rule, or a function of the context that returns a scope or a rule
 * @param options `validator` defaults to a validator from the environment, which all guards share
 * @throws {TypeError} at once, for a bad requirement or an environment without an issuer
 * @example
 * app.use(requireMaskinportenScope('nav:helse/sykepenger/afp.read'))
 * app.use((ctx) => { ctx.body = { to: getMaskinportenToken(ctx).consumer.organisationNumber } })
 */
export function requireMaskinportenScope<HostContext extends AnyContext = Context>(
  requirement: AccessRequirement<HostContext>,
  options?: GuardOptions,
): MaskinportenMiddleware {
  const guard = createGuard(requirement, options)
  return async (context, next) => {
    const { req, res } = context
    // The application chooses `HostContext` to match its contexts.
    const call = { request: context as HostContext }
    const decision = await guard(authorizationValues(req), call).catch((error: unknown) => {
      // A function of the application, such as `authorize`, threw an error. Koa reports the error, but does
      // not end a response that has already started.
      canFollow(false, req, res)
      throw error
    })
    if (!canFollow(decision.allowed, req, res)) return undefined
    if (!decision.allowed) return deny(context, decision.denial)
    Object.assign(context.state, { maskinporten: decision.token })
    return next()
  }
}

function deny(context: AnyContext, { status, headers, body }: Denial): void {
  removeBodyHeaders({ removeHeader: (name) => context.remove(name) })
  context.status = status
  context.set({ ...headers })
  context.body = body
  // With `respond` false, the application has taken over the response, so Koa does not send the denial.
  if (context.respond === false) context.res.end(body)
}
