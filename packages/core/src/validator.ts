import { checkIssuer, checkTime } from './claims/check-claims.js'
import type { VerifiedToken } from './claims/verified-token.js'
import type { Policy } from './config/policy.js'
import { type MaskinportenValidatorOptions, readConfig } from './config/validator-options.js'
import type { Decision } from './decision/decision.js'
import { eventOf, newTrace, notify, type Trace } from './decision/event.js'
import { explain } from './decision/explain.js'
import type { Explanation } from './decision/explanation.js'
import { asRefusal, MaskinportenError, refused } from './errors/maskinporten-error.js'
import { type Authorization, bearerToken } from './http/bearer.js'
import { denialsFor, withBody } from './http/denial.js'
import type { Health } from './keys/health.js'
import type { WaitUntil } from './keys/key-refresh.js'
import { copyMark } from './platform/copy-mark.js'
import { UpstreamError } from './platform/fetch-json.js'
import {
  type AccessRequirement,
  type PreparedRequirement,
  prepareRequirement,
} from './requirements/requirement.js'
import { jwtVerifier } from './verifiers/jwt-verifier.js'
import { isPending, type TokenVerifier } from './verifiers/token-verifier.js'

/** The data of one request that a decision can use. */
export interface RequestContext<Request = unknown> {
  /** Passed to the application's own functions, `onDecision` and `denialBody` included. */
  readonly request?: Request
  /** Lets a refresh of the keys outlive the request, as on Cloudflare Workers. */
  readonly waitUntil?: WaitUntil
}

/** Decides whether requests can pass. Guards that share a validator share its keys. */
export interface MaskinportenValidator {
  /**
   * Verifies a token and checks it against a requirement.
   *
   * @throws {MaskinportenError} when the token is refused, or keys or Texas are unavailable
   */
  verify<Request>(
    token: string,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context?: RequestContext<Request>,
  ): Promise<VerifiedToken>
  /**
   * Decides whether a request can pass, by its Authorization header. A refusal is a result, not an error. The
   * promise rejects only for a bug, or with an error that the application's own function threw. Pass the
   * error to the framework's error handler.
   */
  decide<Request>(
    authorization: Authorization,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context?: RequestContext<Request>,
  ): Promise<Decision>
  /**
   * Reports every check of a token, and what to do about failures. Use the report for debugging, not for
   * decisions. Does not fetch or call `onDecision`. Like a decision, runs the application's functions only
   * after all earlier checks have passed.
   *
   * @param token without the word Bearer
   * @example
   * console.log(String(await validator.explain(token, 'nav:x.read')))
   */
  explain<Request>(
    token: string,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context?: RequestContext<Request>,
  ): Promise<Explanation>
  /**
   * Returns the refusal of a request to a route without a requirement, for an adapter that denies by default.
   */
  refuseUnguarded<Request>(context?: RequestContext<Request>): Promise<Decision>
  /**
   * Resolves once keys are loaded and Texas, if used, is alive. Calling `ready` is optional: the first
   * request also loads keys.
   *
   * @throws {MaskinportenError} `temporarily_unavailable` if no attempt that begins within `keys.timeout`
   *   loads keys, or if Texas is not alive: call `ready` again
   */
  ready(): Promise<void>
  /**
   * The state of the keys and of Texas, for readiness probes. The result is frozen. Fetches missing keys in
   * the background, except on Workers, and probes Texas at most once per `deadline`.
   */
  health(): Health
}

/**
 * Makes a validator, without fetching keys yet. Without options, the issuer and the address of its keys are
 * read from the variables of NAIS (MASKINPORTEN_ISSUER, MASKINPORTEN_JWKS_URI, MASKINPORTEN_WELL_KNOWN_URL),
 * or from the files of NAIS with these names.
 *
 * @throws {TypeError} naming the unknown or bad option
 * @example
 * const validator = createMaskinportenValidator({ environment: 'test', audience: 'https://api.example.no' })
 */
export function createMaskinportenValidator(
  options: MaskinportenValidatorOptions = {},
): MaskinportenValidator {
  const config = readConfig(options)
  return validatorWith(config, jwtVerifier(config))
}

type Outcome = VerifiedToken | MaskinportenError

/** The differences between `verify` and `decide`: how to get the token, and what to return. */
interface Method<Given, Result> {
  readonly tokenIn: (given: Given) => string
  readonly resultOf: (outcome: Outcome, request: unknown) => Result
}

export function validatorWith(policy: Policy, verifier: TokenVerifier): MaskinportenValidator {
  const { clock, listeners } = policy
  const seconds = () => clock.now() / 1000
  const denialFor = denialsFor(policy.realm)
  const verify: Method<string, VerifiedToken> = { tokenIn: (token) => token, resultOf: tokenOrThrow }
  const decide: Method<Authorization, Decision> = { tokenIn: bearerToken, resultOf: decisionOn }

  /**
   * Handles one request. The order of the checks is a security property: an expired token gets 401 even if it
   * also lacks the scope. A cached token is handled without `await`, because each `await` adds a tenth to the
   * time of a decision.
   */
  async function run<Given, Request, Result>(
    { tokenIn, resultOf }: Method<Given, Result>,
    given: Given,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context: RequestContext<Request> = {},
  ): Promise<Result> {
    const prepared = prepareRequirement(requirement)
    const trace = startTrace(prepared.rule)
    let outcome: Outcome
    try {
      const verified = verifier.verify(tokenIn(given), trace, context)
      const claims = isPending(verified) ? await verified : verified
      if (claims !== verified) trace.now = seconds()
      trace.token = claims.token
      checkTime(claims, policy, trace.now)
      checkIssuer(claims, policy)

      // `request` is undefined only if the caller passed no request.
      const request = context.request as Request
      const rule = prepared.rule ?? (await prepared.ruleFor(request))
      if (rule !== prepared.rule) trace.now = seconds()
      trace.rule = rule
      const access = { request, now: trace.now, audience: policy.audience, trace }
      const pending = rule.check(claims, access)
      if (pending) await pending
      outcome = claims.token
    } catch (error) {
      outcome = asRefusal(error)
    }
    report(outcome, trace, context.request)
    return resultOf(outcome, context.request)
  }

  const startTrace = (rule?: Trace['rule']): Trace =>
    newTrace(seconds(), listeners.length > 0 ? clock.elapsed() : 0, rule)

  function report(outcome: Outcome, trace: Trace, request: unknown): void {
    if (listeners.length === 0) return
    const event = eventOf(outcome, trace, verifier.failure, clock.elapsed() - trace.startedAt)
    notify(listeners, event, request)
  }

  function decisionOn(outcome: Outcome, request: unknown): Decision {
    if (!(outcome instanceof MaskinportenError)) return { allowed: true, token: outcome }
    return { allowed: false, denial: withBody(denialFor(outcome), policy.denialBody, request) }
  }

  return Object.freeze<MaskinportenValidator>({
    ...copyMark,
    verify: (token, requirement, context) => run(verify, token, requirement, context),
    decide: (authorization, requirement, context) => run(decide, authorization, requirement, context),
    async refuseUnguarded(context) {
      const refusal = refused('no_guard')
      report(refusal, startTrace(), context?.request)
      return decisionOn(refusal, context?.request)
    },
    async explain(token, requirement, context) {
      return explain(token, prepareRequirement(requirement), context, verifier, policy)
    },
    ready: () => verifier.ready().catch(throwCopy),
    health: () => verifier.health(),
  })
}

function tokenOrThrow(outcome: Outcome): VerifiedToken {
  return outcome instanceof MaskinportenError ? throwCopy(outcome) : outcome
}

/**
 * Throws a copy of a refusal, with the stack of this call. A change to the copy does not change the error
 * that `health()` and events report.
 */
function throwCopy(error: unknown): never {
  if (!(error instanceof MaskinportenError)) throw error
  const { reason, retryAfter, cause } = error
  if (!(cause instanceof UpstreamError)) throw new MaskinportenError(reason, error)
  throw new MaskinportenError(reason, { retryAfter, cause: new UpstreamError(cause.reason, cause) })
}
