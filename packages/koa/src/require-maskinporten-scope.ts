import type { AccessRequirement, Decision, Denial, GuardOptions, VerifiedToken } from '@portvakt/core'
import {
  answerState,
  authorizationValues,
  breakOff,
  createGuard,
  type NodeRequest,
  type NodeResponse,
} from '@portvakt/core/adapter'
import type { Context } from 'koa'

declare module 'koa' {
  interface DefaultState {
    /** The caller's token, once a guard has let the request pass. */
    maskinporten?: VerifiedToken
  }
}

/** The part of a context that the guard uses. Every Koa context has it, whatever the types of state and context. */
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

/** A middleware of Koa, for contexts of any type. */
export type MaskinportenMiddleware = (context: AnyContext, next: () => Promise<unknown>) => Promise<unknown>

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement; everything else is answered
 * here, and what comes after never runs. For `app.use` and for a router's routes, in Koa 2 and 3.
 *
 * @param requirement a scope, a rule, or a function of the context that returns one
 * @param options `validator`: default the one that all guards share, made from the environment
 * @throws {TypeError} at once, for a bad requirement or an environment that names no issuer
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
    let decision: Decision
    try {
      // The application's own functions name the type of its contexts, which Koa hands over.
      decision = await guard(authorizationValues(context.req), { request: context as HostContext })
    } catch (error) {
      // An error of the application's own rule. Koa reports it, and leaves an answer open that has begun.
      if (answerState(context.req, context.res) === 'begun') breakOff(context.res)
      throw error
    }
    const state = answerState(context.req, context.res)
    // The answer has ended (a time-out wrote it), or the caller has left: nothing is left to do.
    if (state === 'over') return undefined
    if (decision.allowed) {
      Object.assign(context.state, { maskinporten: decision.token })
      return next()
    }
    // The headers are already sent: ending the connection is the only refusal left.
    if (state === 'begun') breakOff(context.res)
    else deny(context, decision.denial)
    return undefined
  }
}

function deny(context: AnyContext, { status, headers, body }: Denial): void {
  // Headers of another body, which an earlier middleware has set.
  context.remove('content-encoding')
  context.remove('transfer-encoding')
  context.status = status
  context.set({ ...headers })
  context.body = body
  // Koa leaves the response to a later middleware, which never runs.
  if (context.respond === false) context.res.end(body)
}

/**
 * The token that the guard verified.
 *
 * @throws {Error} when no guard ran before this middleware: the route is open to everybody
 * @example
 * app.use((ctx) => {
 *   ctx.body = getMaskinportenToken(ctx).consumer
 * })
 */
export function getMaskinportenToken(context: Pick<AnyContext, 'state'>): VerifiedToken {
  // A state of the application's own type does not declare what the guard added.
  const { maskinporten }: { readonly maskinporten?: VerifiedToken } = context.state
  if (maskinporten) return maskinporten
  throw new Error(
    'No Maskinporten guard ran for this route: put requireMaskinportenScope(...) before its handler',
  )
}
