import type { AccessRequirement, GuardOptions, VerifiedToken, WaitUntil } from '@portvakt/core'
import { AdapterContext, createGuard } from '@portvakt/core/adapter'
import { tokens } from './maskinporten-token.js'

/** A handler that runs only with a verified token. `rest` contains the platform's other arguments. */
export type GuardedHandler<R extends Request, Rest extends readonly unknown[]> = (
  request: R,
  token: VerifiedToken,
  ...rest: Rest
) => Response | Promise<Response>

/**
 * Wraps a fetch handler, so that it runs only if the request has a Maskinporten token that meets the
 * requirement. Use this guard for Next.js route handlers, and on Bun, Deno and Workers.
 *
 * @param requirement a scope, a rule, or a function of the request that returns a scope or a rule
 * @param options `validator` defaults to a validator from the environment, which all guards share
 * @throws {TypeError} at once, for a bad requirement or an environment without an issuer
 * @example
 * export const GET = requireMaskinportenScope('nav:helse/sykepenger/afp.read')((request, token) =>
 *   Response.json({ to: token.consumer.organisationNumber }),
 * )
 */
export function requireMaskinportenScope<R extends Request = Request>(
  requirement: AccessRequirement<R>,
  options?: GuardOptions,
): <HostRequest extends R, Rest extends readonly unknown[]>(
  handler: GuardedHandler<HostRequest, Rest>,
) => (request: HostRequest, ...rest: Rest) => Promise<Response> {
  const guard = createGuard(requirement, options)
  return (handler) => {
    if (typeof handler !== 'function') {
      throw new TypeError('Pass the handler too: requireMaskinportenScope(requirement)(handler)')
    }
    return async (request, ...rest) => {
      const call = new AdapterContext(request, () => waitUntilIn(rest))
      const decision = await guard(request.headers.get('authorization'), call)
      if (!decision.allowed) {
        const { status, headers, body } = decision.denial
        // Copy the headers, because some servers add headers to this object.
        return new Response(body, { status, headers: { ...headers } })
      }
      tokens.set(request, decision.token)
      return handler(request, decision.token, ...rest)
    }
  }
}

/** Finds the first argument with `waitUntil`. Workers pass `(request, env, context)`. */
function waitUntilIn(rest: readonly unknown[]): WaitUntil {
  const context = rest.find(
    (value): value is { waitUntil: (promise: Promise<unknown>) => void } =>
      typeof value === 'object' &&
      value !== null &&
      'waitUntil' in value &&
      typeof value.waitUntil === 'function',
  )
  return context && ((promise) => context.waitUntil(promise))
}
