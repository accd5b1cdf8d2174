import { checkIssuer, checkTime } from './claims/check-claims.js'
import type { VerifiedToken } from './claims/verified-token.js'
import type { Policy } from './config/policy.js'
import { type MaskinportenValidatorOptions, readConfig } from './config/validator-options.js'
import { type Decision, eventOf, type Findings, tell } from './decision/decision.js'
import { explain } from './decision/explain.js'
import type { Explanation } from './decision/explanation.js'
import { asRefusal, MaskinportenError, refused } from './errors/maskinporten-error.js'
import { type Authorization, bearerToken } from './http/bearer.js'
import { denialsFor, withBody } from './http/denial.js'
import type { Health } from './keys/health.js'
import type { WaitUntil } from './keys/key-refresh.js'
import { UpstreamError } from './platform/fetch-json.js'
import {
  acceptedAudiences,
  type Call,
  checkAudience,
  checkConsent,
  checkConsumer,
  checkDelegation,
  checkOwnRule,
  checkPid,
  checkScope,
  checkSystemUser,
} from './requirements/access.js'
import {
  type AccessRequirement,
  PreparedRequirement,
  prepareRequirement,
} from './requirements/requirement.js'
import { jwtVerifier } from './verifiers/jwt-verifier.js'
import type { TokenVerifier } from './verifiers/token-verifier.js'

/** What belongs to one request. */
export interface RequestContext<Request = unknown> {
  /** Passed to the application's own functions, `onDecision` and `denialBody` included. */
  readonly request?: Request
  /** Lets a refresh of the keys outlive the request (Cloudflare Workers and their like). */
  readonly waitUntil?: WaitUntil
}

/** Decides whether requests may pass. Safe to share; guards that share one share its keys. */
export interface MaskinportenValidator {
  /**
   * Verifies a token that you already have and checks it against a requirement.
   *
   * @throws {MaskinportenError} when the token is refused, or no keys are to be had
   */
  verify<Request>(
    token: string,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context?: RequestContext<Request>,
  ): Promise<VerifiedToken>
  /**
   * Decides on the value (or values) of the Authorization header. A refusal is a result, not an exception; a
   * rejection is a bug or the application's own error, and belongs in the framework's error handler.
   */
  decide<Request>(
    authorization: Authorization,
    requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
    context?: RequestContext<Request>,
  ): Promise<Decision>
  /**
   * Every check of a token, passed or failed, with what to do: for people who wonder why, and never a decision.
   * Fetches nothing, tells `onDecision` nothing, and runs the application's functions only where a decision would.
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
   * The decision on a request to a route that declares no requirement, where an adapter denies by default: it
   * is refused, told and worded like every other, whatever token it brings.
   */
  refuseUnguarded<Request>(context?: RequestContext<Request>): Promise<Decision>
  /**
   * Resolves once keys are loaded and, where Texas is asked, a probe finds it alive. Not needed before serving: the first
   * request loads keys.
   *
   * @throws {MaskinportenError} `temporarily_unavailable` after the deadline, or when that probe failed; call it again
   */
  ready(): Promise<void>
  /**
   * Whether tokens can be verified, for a readiness probe. Asking fetches missing keys in the background, and probes
   * Texas when the latest probe is older than `deadline`. The result is frozen.
   */
  health(): Health
}

/**
 * Makes a validator. Without options the issuer and its keys are read from the variables that NAIS sets
 * (MASKINPORTEN_ISSUER, MASKINPORTEN_JWKS_URI, MASKINPORTEN_WELL_KNOWN_URL), or the files of these names that it
 * mounts. Nothing is fetched yet, so Maskinporten may be down.
 *
 * @throws {TypeError} for every unknown or bad option, naming it
 * @example
 * const validator = createMaskinportenValidator({ environment: 'test', audience: 'https://api.example.no' })
 */
export function createMaskinportenValidator(
  options: MaskinportenValidatorOptions = {},
): MaskinportenValidator {
  const config = readConfig(options)
  return validatorWith(config, jwtVerifier(config))
}

/** A validator that has its claims from `reader`; everything else is the same, whoever verifies. */
export function validatorWith(policy: Policy, reader: TokenVerifier): MaskinportenValidator {
  const now = () => policy.clock.now() / 1000
  const denialFor = denialsFor(policy.realm)

  /**
   * The story of a request. The order is a security property: an expired token is 401 whatever its scope. The
   * same functions are listed in checks.ts, for explaining; a test holds the two in the same order.
   *
   * The cached path has no `await`: one costs as much as two of the checks.
   *
   * @param finish makes the outcome into what the caller wants
   */
  async function judge<Request, Result>(
    tokenOf: () => string,
    given: AccessRequirement<Request> | PreparedRequirement<Request>,
    context: RequestContext<Request> = {},
    finish: (outcome: VerifiedToken | MaskinportenError, request: unknown) => Result,
  ): Promise<Result> {
    const requirement = prepareRequirement(given)
    const isHeard = policy.listeners.length > 0
    const startedAt = isHeard ? policy.clock.elapsed() : 0
    const found: Findings = { now: now(), requiredScope: requirement.rule?.scope.text }
    let outcome: VerifiedToken | MaskinportenError
    try {
      const read = reader.verify(tokenOf(), found, context)
      const claims = 'token' in read ? read : await waited(read, found)
      const { token } = claims
      found.token = token
      checkTime(claims, policy, found.now)
      checkIssuer(claims, policy)

      // A requirement that needs the request is only ever given one by the caller that has it.
      const request = context.request as Request
      const rule = requirement.rule ?? (await waited(requirement.ruleFor(request), found))
      found.requiredScope = rule.scope.text
      const call: Call<Request> = { request, now: found.now, audience: policy.audience }
      found.audienceUnchecked = token.audience.length > 0 && acceptedAudiences(rule, call) === undefined
      checkAudience(claims, rule, call)
      checkScope(claims, rule)
      checkConsumer(claims, rule)
      checkDelegation(claims, rule)
      checkSystemUser(claims, rule)
      checkConsent(claims, rule, call)
      checkPid(claims, rule, call)
      if (rule.authorize) await checkOwnRule(claims, rule, call)
      outcome = token
    } catch (error) {
      outcome = asRefusal(error)
    }
    if (isHeard) {
      const event = eventOf(outcome, found, reader.failure, policy.clock.elapsed() - startedAt)
      tell(policy.listeners, event, context.request)
    }
    return finish(outcome, context.request)
  }

  /** Time has passed meanwhile, and is read anew. */
  async function waited<T>(work: Promise<T>, found: Findings): Promise<T> {
    const result = await work
    found.now = now()
    return result
  }

  function answer(outcome: VerifiedToken | MaskinportenError, request: unknown): Decision {
    if (!(outcome instanceof MaskinportenError)) return { allowed: true, token: outcome }
    return { allowed: false, denial: withBody(denialFor(outcome), policy.denialBody, request) }
  }

  return Object.freeze<MaskinportenValidator>({
    verify: (token, requirement, context) => judge(() => token, requirement, context, tokenOrThrow),
    decide: (authorization, requirement, context) =>
      judge(() => bearerToken(authorization), requirement, context, answer),
    refuseUnguarded: (context) => judge(refuseUnguarded, NOBODY, context, answer),
    async explain(token, requirement, context) {
      return explain(token, prepareRequirement(requirement), context, reader, policy)
    },
    ready: () => reader.ready().catch(throwCopy),
    health: () => reader.health(),
  })
}

function tokenOrThrow(outcome: VerifiedToken | MaskinportenError): VerifiedToken {
  return outcome instanceof MaskinportenError ? throwCopy(outcome) : outcome
}

/** A copy has the stack of this call, and changes that the caller makes to it do not reach `health()` and events. */
function throwCopy(error: unknown): never {
  if (!(error instanceof MaskinportenError)) throw error
  const { reason, retryAfter, cause } = error
  if (!(cause instanceof UpstreamError)) throw new MaskinportenError(reason, error)
  throw new MaskinportenError(reason, { retryAfter, cause: new UpstreamError(cause.reason, cause) })
}

function refuseUnguarded(): never {
  throw refused('no_guard')
}

/** What a route without a requirement has in place of one; no token ever comes to be judged by it. */
const NOBODY = new PreparedRequirement<unknown>(async () => refuseUnguarded())
