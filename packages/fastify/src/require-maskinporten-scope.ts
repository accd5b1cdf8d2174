import type { AccessRequirement, GuardOptions } from '@portvakt/core'
import {
  authorizationValues,
  createGuard,
  type Guard,
  prepareRequirement,
  takeGuardOptions,
  uncalledFactory,
} from '@portvakt/core/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type AnyReply, type AnyRequest, admit, isOver, refuse } from './answer.js'
import { validatorOf } from './context-validator.js'
import { checkPositionsAtStart } from './guard-position.js'
import { GUARD_NAME, REQUIREMENTS } from './guard-registry.js'

/** An `onRequest` hook that fits every server type (HTTP/1, HTTP/2), logger and type provider of Fastify. */
export type MaskinportenHook = (request: AnyRequest, reply: AnyReply) => Promise<unknown>

/**
 * Lets a request pass only with a Maskinporten token that meets the requirement. The guard answers every
 * other request itself, before the body is read, and the handler does not run. Use the guard as the
 * `onRequest` hook of a route or in `addHook`. If a route has several guards, all of them must let the
 * request pass.
 *
 * @param requirement a scope, a rule, or a function of the request that returns a scope or a rule
 * @param options `validator` defaults to the validator of the {@link maskinporten} plugin in the route's
 * context, or else to a validator from the environment, which all guards share
 * @throws {TypeError} at once, for a bad requirement or option. An environment without an issuer, or a guard
 * at a hook other than `onRequest`, makes `app.ready()` and `app.listen()` fail, because all plugins and hooks
 * are known only at that time.
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
  const { validator } = takeGuardOptions(options)
  const own = validator === undefined ? undefined : createGuard(prepared, { validator })
  const guards = new WeakMap<object, Guard<Request>>()

  function guardIn(context: object): Guard<Request> {
    const known = own ?? guards.get(context)
    if (known) return known
    const guard = createGuard(prepared, { validator: validatorOf(context) })
    guards.set(context, guard)
    return guard
  }

  const remember = (of: object) => REQUIREMENTS.set(of, [...(REQUIREMENTS.get(of) ?? []), prepared])

  const hook: MaskinportenHook = async (request, reply) => {
    const authorization = authorizationValues(request.raw)
    // The application chooses `Request` to match its Fastify server.
    const decision = await guardIn(request.server)(authorization, { request: request as Request })
    if (isOver(request, reply)) return reply.hijack()
    if (!decision.allowed) return refuse(request, reply, decision.denial)
    admit(request, decision.token)
    return undefined
  }
  // Fastify binds each hook to its route's context after all plugins are loaded. The guard looks up its
  // validator at that point, so that a missing validator makes the start fail, not the first request.
  const bind = (context: FastifyInstance): MaskinportenHook => {
    guardIn(context)
    remember(context)
    checkPositionsAtStart(context)
    return hook
  }
  remember(hook)
  return Object.defineProperties(hook, { name: { value: GUARD_NAME }, bind: { value: bind } })
}

// Fastify binds every hook before it accepts requests, so this error makes the start fail.
Object.defineProperty(requireMaskinportenScope, 'bind', {
  value: () => {
    throw uncalledFactory('requireMaskinportenScope(…)')
  },
})
