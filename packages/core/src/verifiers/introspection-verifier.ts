import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { refused } from '../errors/maskinporten-error.js'
import type { Clock } from '../platform/clock.js'
import { withDeadline } from '../platform/deadline.js'
import {
  type IntrospectionEndpoint,
  introspect,
  introspectionUnavailable,
  statusOfGet,
} from './introspect.js'
import { TexasProbe } from './texas-probe.js'
import type { TokenVerifier, VerificationTrace } from './token-verifier.js'

/** Not a token, so Texas answers that it is not active. */
const PROBE = 'probe'

/**
 * Verifies tokens with Maskinporten's keys, and then introspects them with Texas, NAIS's sidecar. The verdict
 * of Texas is never cached, and the claims come from the verified token.
 *
 * The order is a security property. Texas checks one token at a time, and all other tokens wait while Texas
 * looks for an unknown key. So only tokens that Maskinporten signed may reach Texas.
 *
 * @param texas its `deadline` limits a whole exchange, in seconds
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function introspectionVerifier(
  signed: TokenVerifier,
  rules: ClaimRules & { readonly clock: Clock },
  texas: IntrospectionEndpoint & { readonly deadline: number },
): TokenVerifier {
  const probe = new TexasProbe({ ask: askWhetherAlive, deadline: texas.deadline, clock: rules.clock })
  /** Whether a POST has shown that Texas runs and is set up for Maskinporten. */
  let isConfirmed = false

  /**
   * After a successful POST, a GET is enough: Texas answers 405 at once. If Texas answers anything else, a
   * POST follows.
   */
  function askWhetherAlive(inBackground: boolean): Promise<void> {
    return exchange(async (signal) => {
      if (isConfirmed && (await statusOfGet(texas, signal, inBackground)) === 405) return
      await introspect(PROBE, texas, signal, inBackground)
      isConfirmed = true
    }, inBackground)
  }

  function exchange<T>(work: (signal: AbortSignal) => Promise<T>, inBackground = false): Promise<T> {
    return withDeadline(rules.clock, texas.deadline * 1000, work, inBackground)
  }

  /** Rejects a token whose claims rule it out: asking Texas costs a request and gives a less exact reason. */
  function check(claims: ReadClaims, trace: VerificationTrace): ReadClaims {
    trace.step = 'introspection'
    trace.token = claims.token
    checkTime(claims, rules, rules.clock.now() / 1000)
    checkIssuer(claims, rules)
    return claims
  }

  return {
    steps: [...signed.steps, 'introspection'],
    async verify(token, trace, request) {
      const claims = check(await signed.verify(token, trace, request), trace)
      const verdict = exchange((signal) => introspect(token, texas, signal, false))
      const isActive = await verdict.catch((cause: unknown) => {
        throw introspectionUnavailable(cause)
      })
      if (!isActive) throw refused('inactive_token')
      return claims
    },
    /** Throws if keys or claims refuse the token. If they do not, returns undefined: Texas must be asked. */
    async verifyOffline(token, trace) {
      const claims = await signed.verifyOffline(token, trace)
      if (claims) check(claims, trace)
      return undefined
    },
    async ready() {
      await Promise.all([signed.ready(), probe.ready()])
    },
    health() {
      const [keys, alive] = [signed.health(), probe.health()]
      const [first, second] = keys.usable ? [alive, keys] : [keys, alive]
      const lastFailure = first.lastFailure ?? second.lastFailure
      return Object.freeze({
        ...keys,
        usable: keys.usable && alive.usable,
        ...(lastFailure && { lastFailure }),
      })
    },
    get failure() {
      return signed.failure
    },
  }
}
