import { applicationError } from '../errors/maskinporten-error.js'
import { takeOptions } from '../platform/options.js'
import { type AccessRule, DEMANDS, inOrder, type NamedDemand, prepareDemands } from './demands.js'
import type { RequiredScope } from './prepared-demand.js'
import { allOrAny } from './scope.js'

/**
 * A scope, a rule, or a function that receives the request and returns a scope or a rule. The function runs
 * on every request, after the token is verified, and has no time limit: set a timeout in it.
 */
export type AccessRequirement<Request = unknown> =
  | string
  | AccessRule<Request>
  | ((request: Request) => string | AccessRule<Request> | Promise<string | AccessRule<Request>>)

export interface PreparedRule<Request> {
  readonly demands: readonly NamedDemand<Request>[]
  /** Checks all {@link demands} in their order. */
  readonly check: NamedDemand<Request>['check']
  readonly scope: RequiredScope
}

type RuleFor<Request> = (request: Request) => Promise<PreparedRule<Request>>

/**
 * The checked form of a requirement, from {@link prepareRequirement}. It is accepted wherever a requirement
 * is accepted.
 * @example
 * const prepared: PreparedRequirement = prepareRequirement('nav:x.read')
 * await validator.verify(token, prepared)
 */
export class PreparedRequirement<Request = unknown> {
  readonly #rule: PreparedRule<Request> | RuleFor<Request>

  constructor(rule: PreparedRule<Request> | RuleFor<Request>) {
    this.#rule = rule
    // Frozen, because several guards can share one prepared requirement.
    Object.freeze(this)
  }

  /** The rule for every request; undefined if a function chooses the rule by the request. */
  get rule(): PreparedRule<Request> | undefined {
    return typeof this.#rule === 'function' ? undefined : this.#rule
  }

  /**
   * Rejects with the error that the application's function throws, or with a TypeError if that function
   * returns a bad requirement.
   */
  async ruleFor(request: Request): Promise<PreparedRule<Request>> {
    return typeof this.#rule === 'function' ? this.#rule(request) : this.#rule
  }
}

/**
 * Checks a requirement once, so that a mistake in it stops the application at startup.
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
    // A bad result of the application's function is a bug, not a refusal.
    return new PreparedRequirement(async (request) => {
      try {
        return prepareRule(await requirement(request))
      } catch (error) {
        throw applicationError(error)
      }
    })
  }
  try {
    return new PreparedRequirement(prepareRule(requirement))
  } catch (error) {
    // V8 keeps ten frames: without those of the checks, the stack shows the line that made the mistake.
    if (error instanceof TypeError) (Error as StackCapture).captureStackTrace?.(error, prepareRequirement)
    throw error
  }
}

interface StackCapture {
  readonly captureStackTrace?: (error: Error, callee: unknown) => void
}

/**
 * Whether a value is a framework's request or context. A guard factory receives such a value if the
 * application registers it without calling it.
 */
function isRequest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('headers' in value || 'req' in value)
}

/**
 * Returns the error for a guard or decorator factory that was passed without being called.
 *
 * @param call the call that the application must write, for the message
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
      `The access requirement is ${given}. Write a scope such as 'nav:x.read', an object with \`scope\`, or a ` +
        'function that returns one of these; if a variable should hold it, check that the variable is set',
    )
  }
  if (Array.isArray(given)) throw new TypeError(`The access requirement is a list. ${allOrAny(given)}`)
  const rule = typeof requirement === 'string' ? { scope: requirement } : requirement
  const names = DEMANDS.map(({ name }) => name)
  const demands = prepareDemands(takeOptions(rule, names, 'An access requirement'))
  const scope = demands.find(({ name }) => name === 'scope')?.scope
  if (scope === undefined) throw new TypeError('An access requirement must name a `scope`')
  return Object.freeze({ demands, check: inOrder(demands), scope })
}
