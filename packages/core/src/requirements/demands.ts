import { type AudienceDemand, audience } from './audience.js'
import { type AuthorizeDemand, authorize } from './authorize.js'
import { type ConsentDemand, consent } from './consent.js'
import { type ConsumersDemand, consumers } from './consumers.js'
import { type DelegationDemand, delegation } from './delegation.js'
import type { PreparedDemand } from './demand.js'
import { type PidDemand, pid } from './pid.js'
import { type ScopeDemand, scope } from './scope.js'
import { type SystemUserDemand, systemUser } from './system-user.js'

/** What a token must grant for a request to pass. Every member given must hold. */
export interface AccessRule<Request = unknown>
  extends ScopeDemand,
    AudienceDemand,
    ConsumersDemand,
    DelegationDemand,
    SystemUserDemand,
    ConsentDemand,
    PidDemand<Request>,
    AuthorizeDemand<Request> {}

/** Something that a rule can demand of a token: a member of {@link AccessRule}. */
interface Demand {
  readonly name: keyof AccessRule
  /** True when it runs a function of the application, which runs only for tokens that satisfy every earlier demand. */
  readonly asksApplication?: true
  /**
   * Checks the member of a rule. Undefined when the rule does not make this demand.
   *
   * @throws {TypeError} naming what is wrong
   */
  readonly prepare: <Request>(rule: AccessRule<Request>) => PreparedDemand<Request> | undefined
}

/** Every demand, in the order in which decisions and explanations check them. */
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

/** A demand that a rule makes. */
export interface CompiledDemand<Request = unknown> extends PreparedDemand<Request> {
  readonly name: keyof AccessRule
}

/** The demands that a rule makes, in their order. Both decisions and explanations walk this list. */
export function compileDemands<Request>(rule: AccessRule<Request>): readonly CompiledDemand<Request>[] {
  const compiled: CompiledDemand<Request>[] = []
  for (const { name, prepare } of DEMANDS) {
    const prepared = prepare(rule)
    if (prepared) compiled.push(Object.freeze({ name, ...prepared }))
  }
  return Object.freeze(compiled)
}

/**
 * The checks of a list as one function, which stops at the first refusal. A loop would read better, but V8 inlines no
 * call in it: the demands of a rule with only a scope take 65 ns by this function and at least 145 by a loop. Lists of
 * two and three have functions of their own, so that each call in them has one target.
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
