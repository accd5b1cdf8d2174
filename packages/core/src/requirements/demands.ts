import { type AudienceDemand, audience } from './audience.js'
import { type AuthorizeDemand, authorize } from './authorize.js'
import { type ConsentDemand, consent } from './consent.js'
import { type ConsumersDemand, consumers } from './consumers.js'
import { type DelegationDemand, delegation } from './delegation.js'
import { type PidDemand, pid } from './pid.js'
import type { PreparedDemand } from './prepared-demand.js'
import { type ScopeDemand, scope } from './scope.js'
import { type SystemUserDemand, systemUser } from './system-user.js'

/** The demands that a token must satisfy. Each member that is present is one demand. */
export interface AccessRule<Request = unknown>
  extends ScopeDemand,
    AudienceDemand,
    ConsumersDemand,
    DelegationDemand,
    SystemUserDemand,
    ConsentDemand,
    PidDemand<Request>,
    AuthorizeDemand<Request> {}

interface Demand {
  readonly name: keyof AccessRule
  /**
   * True if the check calls a function of the application. Such a check runs only if all earlier checks pass.
   */
  readonly callsApplication?: true
  /**
   * Returns undefined if the rule does not contain this demand.
   *
   * @throws {TypeError} for a bad member of the rule
   */
  readonly prepare: <Request>(rule: AccessRule<Request>) => PreparedDemand<Request> | undefined
}

/** All demands, in the order in which decisions and explanations check them. */
export const DEMANDS: readonly Demand[] = Object.freeze([
  audience,
  scope,
  consumers,
  delegation,
  systemUser,
  consent,
  pid,
  authorize,
])

/** A prepared demand, with the name of its member in an {@link AccessRule}, such as `consumers`. */
export interface NamedDemand<Request = unknown> extends PreparedDemand<Request> {
  readonly name: keyof AccessRule
}

/** Prepares the demands in a rule, and returns them in the order of {@link DEMANDS}. */
export function prepareDemands<Request>(rule: AccessRule<Request>): readonly NamedDemand<Request>[] {
  const demands = DEMANDS.flatMap(({ name, prepare }) => {
    const prepared = prepare(rule)
    return prepared ? [Object.freeze({ name, ...prepared })] : []
  })
  return Object.freeze(demands)
}

/**
 * Combines checks into one function that stops at the first refusal. Does not loop, because V8 does not
 * inline calls in a loop: a rule with only a scope takes 65 ns without a loop and at least 145 ns with one.
 * Two checks and longer lists have separate functions, so that V8 sees only one target at each call.
 */
export function inOrder<Request>([one, two, ...others]: readonly PreparedDemand<Request>[]): Check<Request> {
  if (one === undefined) return () => undefined
  if (two === undefined) return one.check
  const { check: first } = one
  const { check: second } = two
  if (others.length === 0) {
    return (claims, context) => {
      const pending = first(claims, context)
      return pending ? pending.then(() => second(claims, context)) : second(claims, context)
    }
  }
  const afterFirst = inOrder([two, ...others])
  const last = inOrder(others)
  return (claims, context) => {
    const pending = first(claims, context)
    if (pending) return pending.then(() => afterFirst(claims, context))
    const next = second(claims, context)
    return next ? next.then(() => last(claims, context)) : last(claims, context)
  }
}

type Check<Request> = PreparedDemand<Request>['check']
