import type { AccessRequirement, GuardOptions } from '@portvakt/core'
import {
  authorizationValues,
  createGuard,
  type Guard,
  prepareRequirement,
  takeOptions,
  uncalledFactory,
} from '@portvakt/core/adapter'
import type { FastifyRequest } from 'fastify'
import { type AnyReply, type AnyRequest, admit, isOver, refuse } from './answer.js'
import { validatorOf } from './context-validator.js'

/** An `onRequest` hook, for every server (HTTP/1, HTTP/2), logger and type provider of Fastify. */
export type MaskinportenHook = (request: AnyRequest, reply: AnyReply) => Promise<unknown>

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every other
 * request itself, before the body is read, and the handler never runs. An `onRequest` hook, for a route or for
 * `addHook`; several on one route must all let the request pass.
 *
 * @param requirement a scope, a rule, or a function of the request that returns one
 * @param options `validator`: default that of the {@link maskinporten} plugin in the route's context, else the
 *   one that all guards share, created from the environment
 * @throws {TypeError} at once, for a bad requirement or option. An environment without an issuer makes
 *   `app.ready()` and `app.listen()` fail: only then are all plugins known.
 * @example
 * app.get('/health', async () => 'ok')
 * app.get('/vedtak', { onRequest: requireMaskinportenScope('nav:helse/sykepenger/afp.read') }, async (request) => ({
 *   to: getMaskinportenToken(request).consumer.organisationNumber,
 * }))
 */
export function requireMaskinportenScope<Request extends AnyRequest = FastifyRequest>(
  requirement: AccessRequirement<Request>,
  options: GuardOptions = {},
): MaskinportenHook {
  const prepared = prepareRequirement(requirement)
  const { validator } = takeOptions(options, ['validator'], 'requireMaskinportenScope')
  const own = validator === undefined ? undefined : createGuard(prepared, { validator })
  const guards = new WeakMap<object, Guard<Request>>()

  function guardIn(context: object): Guard<Request> {
    const known = own ?? guards.get(context)
    if (known) return known
    const guard = createGuard(prepared, { validator: validatorOf(context) })
    guards.set(context, guard)
    return guard
  }

  const hook: MaskinportenHook = async (request, reply) => {
    const guard = guardIn(request.server)
    // The application declares the type of Fastify's requests.
    const context = { request: request as Request }
    const decision = await guard(authorizationValues(request.raw), context)
    if (isOver(request, reply)) return reply.hijack()
    if (!decision.allowed) return refuse(request, reply, decision.denial)
    admit(request, decision.token)
    return undefined
  }
  // After loading, Fastify binds each hook to the context of its route. Only then can the guard find its validator
  // before the first request, so that a missing one makes the start fail.
  const bind = (context: object): MaskinportenHook => {
    guardIn(context)
    return hook
  }
  GUARDS.add(hook)
  return Object.defineProperty(hook, 'bind', { value: bind })
}

// Fastify binds every hook before it serves, so this error makes the start fail.
Object.defineProperty(requireMaskinportenScope, 'bind', {
  value: () => {
    throw uncalledFactory('requireMaskinportenScope(…)')
  },
})

const GUARDS = new WeakSet<object>()

/** Whether a hook is a guard. `onRoute` gets the hooks of a route unbound. */
export const isGuard = (hook: unknown): boolean => typeof hook === 'function' && GUARDS.has(hook)
