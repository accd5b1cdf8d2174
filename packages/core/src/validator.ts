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
} from './access.js'
import { type Authorization, bearerToken } from './bearer.js'
import { checkIssuer, checkTime, readClaims, refuseHopeless } from './claims.js'
import { readCompactJws } from './compact-jws.js'
import { type MaskinportenValidatorOptions, readConfig } from './config.js'
import { type Decision, eventOf, type Findings, tell } from './decision.js'
import { denialOf, withBody } from './denial.js'
import { MaskinportenError, type MaskinportenReason } from './errors.js'
import { type KeyHealth, KeySet, type WaitUntil } from './key-set.js'
import { type AccessRequirement, PreparedRequirement, prepareRequirement } from './requirement.js'
import { verifySignature } from './signature.js'
import type { VerifiedToken } from './verified-token.js'

/** What belongs to one request. */
export interface RequestContext<Request = unknown> {
  /** Handed to the application's own functions. */
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
   * The decision on a request to a route that declares no requirement, where an adapter denies by default: it
   * is refused, told and worded like every other, whatever token it brings.
   */
  refuseUnguarded<Request>(context?: RequestContext<Request>): Promise<Decision>
  /**
   * Resolves once keys are loaded. Not needed before serving: the first request loads them.
   *
   * @throws {MaskinportenError} `keys_unavailable` after the deadline; call it again
   */
  ready(): Promise<void>
  /** The state of the keys, for a readiness probe. While there are none, asking also has them fetched. */
  health(): KeyHealth
}

/**
 * Makes a validator. Without options the issuer and its keys are read from the variables that NAIS sets
 * (MASKINPORTEN_ISSUER, MASKINPORTEN_JWKS_URI, MASKINPORTEN_WELL_KNOWN_URL). Nothing is fetched yet, so
 * Maskinporten may be down.
 *
 * @throws {TypeError} for every unknown or bad option, naming it
 * @example
 * const validator = createMaskinportenValidator({ environment: 'test', audience: 'https://api.example.no' })
 */
export function createMaskinportenValidator(
  options: MaskinportenValidatorOptions = {},
): MaskinportenValidator {
  const config = readConfig(options)
  const keys = new KeySet({ ...config, isRequestScoped: isRequestScoped() })
  const now = () => config.clock.now() / 1000

  /** The story of a request. The order is a security property: an expired token is 401 whatever its scope. */
  async function check<Request>(
    tokenOf: () => string,
    requirement: PreparedRequirement<Request>,
    context: RequestContext<Request>,
    found: Findings,
  ): Promise<VerifiedToken> {
    const jws = readCompactJws(tokenOf(), config)
    found.keyId = jws.keyId
    const key = await keys.find(
      jws,
      () => refuseHopeless(jws.unverifiedClaims, config.source, config, now()),
      context.waitUntil,
    )
    const claims = readClaims(await verifySignature(jws, key))
    found.token = claims.token
    checkTime(claims, config, now())
    checkIssuer(claims, config.source)

    // A requirement that needs the request is only ever given one by the caller that has it.
    const request = context.request as Request
    const rule = await requirement.ruleFor(request)
    const call: Call<Request> = { request, now: now(), audience: config.audience }
    found.audienceUnchecked = acceptedAudiences(rule, call) === undefined && claims.token.audience.length > 0
    checkAudience(claims, rule, call)
    checkScope(claims, rule)
    checkConsumer(claims, rule)
    checkDelegation(claims, rule)
    checkSystemUser(claims, rule)
    checkConsent(claims, rule, call)
    checkPid(claims, rule, call)
    await checkOwnRule(claims, rule, call)
    return claims.token
  }

  /** Every decision is made through here, and told. */
  async function judge<Request>(
    tokenOf: () => string,
    requirement: PreparedRequirement<Request>,
    context: RequestContext<Request> = {},
  ): Promise<VerifiedToken | MaskinportenError> {
    const startedAt = config.clock.elapsed()
    const found: Findings = {}
    const outcome = await check(tokenOf, requirement, context, found).catch(refusal)
    tell(config.onDecision, () => eventOf(outcome, found, keys.failure, config.clock.elapsed() - startedAt))
    return outcome
  }

  function answer(outcome: VerifiedToken | MaskinportenError, request: unknown): Decision {
    if (!(outcome instanceof MaskinportenError)) return { allowed: true, token: outcome }
    return { allowed: false, denial: withBody(denialOf(outcome, config), config.denialBody, request) }
  }

  return Object.freeze<MaskinportenValidator>({
    async verify(token, requirement, context) {
      const outcome = await judge(() => token, prepareRequirement(requirement), context)
      if (outcome instanceof MaskinportenError) throw outcome
      return outcome
    },
    async decide(authorization, requirement, context) {
      const prepared = prepareRequirement(requirement)
      return answer(await judge(() => bearerToken(authorization), prepared, context), context?.request)
    },
    async refuseUnguarded(context) {
      return answer(await judge(() => refuse('no_guard'), NOBODY, context), context?.request)
    },
    ready: () => keys.ready(),
    health: () => keys.health(),
  })
}

function refuse(reason: MaskinportenReason): never {
  throw new MaskinportenError(reason)
}

/** What a route without a requirement has in place of one; no token ever comes to be judged by it. */
const NOBODY = new PreparedRequirement<unknown>(() => refuse('no_guard'))

/** A refusal is an outcome; anything else is a bug, or the application's own error, and goes on its way. */
function refusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  throw error
}

/** Cloudflare Workers: I/O belongs to the request that began it. */
function isRequestScoped(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
