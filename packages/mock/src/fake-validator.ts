import {
  type Explanation,
  MaskinportenError,
  type MaskinportenReason,
  type MaskinportenValidator,
  type VerifiedToken,
} from '@portvakt/core'
import { denialOf, prepareRequirement } from '@portvakt/core/adapter'
import { refuseProduction, refuseProductionIssuer } from './control/refuse-production.js'
import type { GuardRequirement } from './nais/guarded-scopes.js'

/**
 * A validator for unit tests, with one fixed outcome. It allows every request and supplies the given token, or
 * it refuses every request for the given reason. It needs neither keys nor a token in the request. It does not
 * check requirements or call the functions of a rule. Default deny still applies: a route without a requirement
 * is refused.
 *
 * @param outcome a token from `fakeVerifiedToken`, or a reason such as `'insufficient_scope'`
 * @throws {TypeError} for any other outcome
 * @throws {Error} when `NODE_ENV` is `production`, or when a variable of NAIS names Maskinporten's production
 *   issuer
 * @example
 * const validator = fakeValidator(fakeVerifiedToken({ scope: 'nav:x.read', consumer: '889640782' }))
 * app.use(requireMaskinportenScope('nav:x.read', { validator }))
 */
export function fakeValidator(outcome: VerifiedToken | MaskinportenReason): MaskinportenValidator {
  refuseProduction()
  refuseProductionIssuer()
  checkOutcome(outcome)

  function refusalOf(requirement: GuardRequirement, reason: MaskinportenReason) {
    const { code } = new MaskinportenError(reason)
    // The challenge names the route's scopes. A rule that is a function of the request is not called.
    const scope = prepareRequirement(requirement).rule?.scope.advertised
    const details = code === 'insufficient_scope' ? { requiredScopes: scope } : {}
    return new MaskinportenError(reason, details)
  }

  return Object.freeze<MaskinportenValidator>({
    async verify(_token, requirement) {
      if (typeof outcome === 'string') throw refusalOf(requirement, outcome)
      return outcome
    },
    async decide(_authorization, requirement) {
      if (typeof outcome !== 'string') return { allowed: true, token: outcome }
      return { allowed: false, denial: denialOf(refusalOf(requirement, outcome)) }
    },
    async explain(_token, requirement): Promise<Explanation> {
      if (typeof outcome !== 'string') return { verdict: 'allowed', checks: [] }
      const { code, reason } = refusalOf(requirement, outcome)
      return { verdict: 'refused', code, reason, checks: [] }
    },
    refuseUnguarded: async () => ({ allowed: false, denial: denialOf(new MaskinportenError('no_guard')) }),
    ready: async () => undefined,
    health: () => Object.freeze({ usable: true, keys: 0 }),
  })
}

function checkOutcome(outcome: unknown): void {
  // Only a known reason has a code.
  const isReason =
    typeof outcome === 'string' &&
    typeof new MaskinportenError(outcome as MaskinportenReason).code === 'string'
  const isToken =
    typeof outcome === 'object' && outcome !== null && 'consumer' in outcome && 'scopes' in outcome
  if (isReason || isToken) return
  throw new TypeError(
    "fakeValidator takes what fakeVerifiedToken returns, or a reason such as 'insufficient_scope'",
  )
}
