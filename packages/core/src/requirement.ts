import { functionOrAbsent, stringList, takeOptions } from './options.js'
import { isOrganisationNumber } from './organisation-number.js'
import { type PreparedScope, prepareScope, type ScopeRequirement } from './scope.js'
import type { VerifiedToken } from './verified-token.js'

/** What a token must grant for a request to pass. Every member given must hold. */
export interface AccessRule<Request = unknown> {
  /** One scope, or `allOf` / `anyOf` of several, nested. */
  readonly scope: ScopeRequirement
  /**
   * The token must be restricted to one of these audiences (absolute URIs, compared exactly). Replaces the
   * validator's own `audience` for this requirement; left out, the validator's applies.
   */
  readonly audience?: string | readonly string[]
  /** Organisation numbers that may call. Left out: every organisation that was granted the scope. */
  readonly consumers?: readonly string[]
  /**
   * The application's own rule, run last. Only `true` lets the request pass; what it throws reaches the
   * framework's error handler as it is.
   */
  readonly authorize?: (token: VerifiedToken, request: Request) => boolean | Promise<boolean>
}

/**
 * A scope, a rule, or a function of the request that returns one. The function runs on every request, after
 * the token is verified.
 */
export type AccessRequirement<Request = unknown> =
  | string
  | AccessRule<Request>
  | ((request: Request) => string | AccessRule<Request> | Promise<string | AccessRule<Request>>)

/** A rule whose form was checked. */
export interface PreparedRule<Request> {
  readonly scope: PreparedScope
  readonly audience: readonly string[] | undefined
  readonly consumers: ReadonlySet<string> | undefined
  readonly authorize: AccessRule<Request>['authorize'] | undefined
}

/** A requirement whose form was checked. Made by {@link prepareRequirement}, accepted wherever one is. */
export class PreparedRequirement<Request = unknown> {
  readonly #ruleFor: (request: Request) => PreparedRule<Request> | Promise<PreparedRule<Request>>

  constructor(ruleFor: (request: Request) => PreparedRule<Request> | Promise<PreparedRule<Request>>) {
    this.#ruleFor = ruleFor
  }

  /** The rule for this request. Throws what the application's function throws, and a TypeError for a bad result. */
  ruleFor(request: Request): PreparedRule<Request> | Promise<PreparedRule<Request>> {
    return this.#ruleFor(request)
  }
}

/**
 * Checks a requirement's form once, so that a mistake in it shows when the application starts.
 *
 * @throws {TypeError} naming what is wrong
 */
export function prepareRequirement<Request>(
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
): PreparedRequirement<Request> {
  if (requirement instanceof PreparedRequirement) return requirement
  if (typeof requirement === 'function') {
    // Its result is checked like a static rule; a bad one is the application's bug, not a refusal.
    return new PreparedRequirement(async (request) => prepareRule(await requirement(request)))
  }
  const rule = prepareRule(requirement)
  return new PreparedRequirement(() => rule)
}

function prepareRule<Request>(requirement: string | AccessRule<Request>): PreparedRule<Request> {
  const rule = typeof requirement === 'string' ? { scope: requirement } : requirement
  const taken = takeOptions(rule, ['scope', 'audience', 'consumers', 'authorize'], 'An access requirement')
  if (taken.scope === undefined) throw new TypeError('An access requirement must name a `scope`')
  return Object.freeze({
    scope: prepareScope(taken.scope),
    audience: taken.audience === undefined ? undefined : prepareAudience(taken.audience),
    consumers: taken.consumers === undefined ? undefined : new Set(prepareConsumers(taken.consumers)),
    authorize: functionOrAbsent(taken.authorize, 'authorize'),
  })
}

function prepareConsumers(consumers: unknown): readonly string[] {
  if (!Array.isArray(consumers)) throw new TypeError('`consumers` must be an array of organisation numbers')
  return stringList(
    consumers,
    isOrganisationNumber,
    'organisation numbers of nine digits, without "0192:"',
    'consumers',
  )
}

/** Checks configured audiences: `unspecified`, or a name that is no URI, could never be requested. */
export function prepareAudience(audience: unknown): readonly string[] {
  return stringList(audience, isAbsoluteUri, 'an absolute URI, or an array of them', 'audience')
}

function isAbsoluteUri(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value)
}
