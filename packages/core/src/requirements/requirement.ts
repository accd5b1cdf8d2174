import { organisationNumbers } from '../claims/organisation.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { applicationError } from '../errors/maskinporten-error.js'
import {
  type FixedSet,
  fixedSet,
  functionOrAbsent,
  isAbsoluteUri,
  stringList,
  takeOptions,
} from '../platform/options.js'
import { type ConsentRule, type PreparedConsent, prepareConsent } from './consent.js'
import { type DelegationRule, type PreparedDelegation, prepareDelegation } from './delegation.js'
import { allOrAny, type PreparedScope, prepareScope, type ScopeRequirement } from './scope.js'

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
  /** Whether a supplier may, or must, call on the consumer's behalf. Default `'allowed'`. */
  readonly delegation?: DelegationRule
  /**
   * The token must be a system user's. It does not say whom the call is about, nor what the system user may do: ask
   * Altinn's authorisation API (PDP), see {@link VerifiedToken.systemUsers}.
   */
  readonly systemUser?: 'required'
  /** The token must hold a consent that was given to the consumer and has not ended. */
  readonly consent?: ConsentRule
  /**
   * Whom the call is about: eleven digits. A token restricted to nobody or to somebody else is refused, and so
   * is a call for which this returns undefined. What it throws reaches the framework's error handler. It is not
   * awaited, so that it cannot hang; what it computes delays every other request.
   */
  readonly pid?: (request: Request) => string | undefined
  /**
   * The application's own rule, run last. Only `true` lets the request pass; what it throws reaches the
   * framework's error handler as it is; a `MaskinportenError` of another token, as the `cause` of an error.
   *
   * The validator sets no deadline: the request waits for as long as this takes. Bound what it awaits, for
   * example with `AbortSignal.timeout`.
   */
  readonly authorize?: (token: VerifiedToken, request: Request) => boolean | Promise<boolean>
}

/**
 * A scope, a rule, or a function of the request that returns one. The function runs on every request, after
 * the token is verified. The validator sets no deadline for it: bound what it awaits.
 */
export type AccessRequirement<Request = unknown> =
  | string
  | AccessRule<Request>
  | ((request: Request) => string | AccessRule<Request> | Promise<string | AccessRule<Request>>)

const MEMBERS = [
  'scope',
  'audience',
  'consumers',
  'delegation',
  'systemUser',
  'consent',
  'pid',
  'authorize',
] as const satisfies readonly (keyof AccessRule)[]

/** A rule whose form was checked. */
export interface PreparedRule<Request> {
  readonly scope: PreparedScope
  readonly audience: readonly string[] | undefined
  readonly consumers: FixedSet<string> | undefined
  readonly delegation: PreparedDelegation
  readonly systemUser: boolean
  readonly consent: PreparedConsent | undefined
  readonly pid: AccessRule<Request>['pid'] | undefined
  readonly authorize: AccessRule<Request>['authorize'] | undefined
}

type RuleFor<Request> = (request: Request) => Promise<PreparedRule<Request>>

/**
 * A requirement whose form was checked. Made by {@link prepareRequirement}, accepted wherever one is.
 * @example
 * const prepared: PreparedRequirement = prepareRequirement('nav:x.read')
 * await validator.verify(token, prepared)
 */
export class PreparedRequirement<Request = unknown> {
  readonly #rule: PreparedRule<Request> | RuleFor<Request>

  constructor(rule: PreparedRule<Request> | RuleFor<Request>) {
    this.#rule = rule
    // Guards share it, so its rule must not be replaceable.
    Object.freeze(this)
  }

  /** The rule for every request; undefined when it depends on the request. */
  get rule(): PreparedRule<Request> | undefined {
    return typeof this.#rule === 'function' ? undefined : this.#rule
  }

  /** The rule for this request. Rejects with what the application's function throws, and a TypeError for a bad result. */
  async ruleFor(request: Request): Promise<PreparedRule<Request>> {
    return typeof this.#rule === 'function' ? this.#rule(request) : this.#rule
  }
}

/**
 * Checks a requirement's form once, so that a mistake in it shows when the application starts.
 *
 * @throws {TypeError} naming what is wrong
 * @example
 * const prepared = prepareRequirement({ scope: 'nav:x.read', consumers: ['889640782'] })
 * await validator.verify(token, prepared)
 */
export function prepareRequirement<Request>(
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
): PreparedRequirement<Request> {
  if (requirement instanceof PreparedRequirement) return requirement
  if (isRequest(requirement)) throw uncalledFactory('requireMaskinportenScope(…)')
  if (typeof requirement === 'function') {
    // Its result is checked like a static rule; a bad one is the application's bug, not a refusal.
    return new PreparedRequirement(async (request) => {
      try {
        return prepareRule(await requirement(request))
      } catch (error) {
        throw applicationError(error)
      }
    })
  }
  return new PreparedRequirement(prepareRule(requirement))
}

/** If a factory is registered as the guard itself, the framework calls it with its request or its context. */
function isRequest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('headers' in value || 'req' in value)
}

/**
 * The error for a guard or decorator factory that was passed without being called.
 *
 * @param call the missing call, for the message
 * @example
 * throw uncalledFactory('requireMaskinportenScope(…)')
 */
export function uncalledFactory(call: string): TypeError {
  return new TypeError(`The function itself was passed instead of its result; call it: ${call}`)
}

function prepareRule<Request>(requirement: string | AccessRule<Request>): PreparedRule<Request> {
  const given: unknown = requirement
  if (given === undefined || given === null) {
    throw new TypeError(
      `The access requirement is ${given}. Write a scope such as 'nav:x.read', an object with \`scope\`, or a function ` +
        'that returns one of these; if a variable should hold it, check that the variable is set',
    )
  }
  if (Array.isArray(given)) throw new TypeError(`The access requirement is a list. ${allOrAny(given)}`)
  const rule = typeof requirement === 'string' ? { scope: requirement } : requirement
  const taken = takeOptions(rule, MEMBERS, 'An access requirement')
  if (taken.scope === undefined) throw new TypeError('An access requirement must name a `scope`')
  return Object.freeze({
    scope: prepareScope(taken.scope),
    audience: taken.audience === undefined ? undefined : prepareAudience(taken.audience),
    consumers:
      taken.consumers === undefined ? undefined : fixedSet(organisationNumbers(taken.consumers, 'consumers')),
    delegation: prepareDelegation(taken.delegation),
    systemUser: prepareSystemUser(taken.systemUser),
    consent: prepareConsent(taken.consent),
    pid: functionOrAbsent(taken.pid, 'pid'),
    authorize: functionOrAbsent(taken.authorize, 'authorize'),
  })
}

function prepareSystemUser(systemUser: unknown): boolean {
  if (systemUser === undefined || systemUser === 'required') return systemUser === 'required'
  throw new TypeError("`systemUser` must be 'required', or left out")
}

/** Checks configured audiences: `unspecified`, or a name that is no URI, could never be requested. */
export function prepareAudience(audience: unknown): readonly string[] {
  return stringList(audience, isAbsoluteUri, 'an absolute URI, or an array of them', 'audience')
}
