import type {
  AccessRequirement,
  GuardOptions,
  RequestContext,
  VerifiedToken,
  WaitUntil,
} from '@portvakt/core'
import { createGuard } from '@portvakt/core/adapter'

/** A handler that only runs with a verified token; `rest` is what the platform passes beside the request. */
export type GuardedHandler<R extends Request, Rest extends readonly unknown[]> = (
  request: R,
  token: VerifiedToken,
  ...rest: Rest
) => Response | Promise<Response>

/** Tokens by the request they came with, for code that is not handed them. Never outlives the request. */
const tokens = new WeakMap<Request, VerifiedToken>()

/**
 * Wraps a fetch handler, so that it cannot run unless the request has a Maskinporten token that meets the
 * requirement. For Next.js route handlers, Bun, Deno and Workers.
 *
 * @param requirement a scope, a rule, or a function of the request that returns one
 * @param options `validator`: default the one that all guards share, made from the environment
 * @throws {TypeError} at once, for a bad requirement or an environment that names no issuer
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
      throw new TypeError('Hand the handler over too: requireMaskinportenScope(requirement)(handler)')
    }
    return async (request, ...rest) => {
      const decision = await guard(request.headers.get('authorization'), new Call(request, rest))
      if (!decision.allowed) {
        const { status, headers, body } = decision.denial
        // A copy: some servers add to the headers they are given.
        return new Response(body, { status, headers: { ...headers } })
      }
      tokens.set(request, decision.token)
      return handler(request, decision.token, ...rest)
    }
  }
}

/**
 * A class, because V8 keeps what a getter in an object literal refers to until it collects the whole heap: every
 * request would outlive its answer.
 */
class Call<R extends Request> implements RequestContext<R> {
  readonly request: R
  readonly #rest: readonly unknown[]

  constructor(request: R, rest: readonly unknown[]) {
    this.request = request
    this.#rest = rest
  }

  /** Workers pass `(request, env, context)`: whichever argument has `waitUntil` keeps a refresh alive. */
  get waitUntil(): WaitUntil {
    const context = this.#rest.find(
      (value): value is { waitUntil: (promise: Promise<unknown>) => void } =>
        typeof value === 'object' &&
        value !== null &&
        'waitUntil' in value &&
        typeof value.waitUntil === 'function',
    )
    return context && ((promise) => context.waitUntil(promise))
  }
}

/**
 * The token that the guard verified, for code that only has the request.
 *
 * @throws {Error} when no guard let this request pass
 * @example
 * const whoCalls = (request: Request) => getMaskinportenToken(request).consumer
 */
export function getMaskinportenToken(request: Request): VerifiedToken {
  const token = tokens.get(request)
  if (token) return token
  throw new Error(
    'No Maskinporten guard ran for this request: wrap its handler in requireMaskinportenScope(...)',
  )
}
