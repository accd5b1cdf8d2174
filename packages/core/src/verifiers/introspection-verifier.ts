import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { refused } from '../errors/maskinporten-error.js'
import type { Clock } from '../platform/clock.js'
import { withDeadline } from '../platform/deadline.js'
import { type IntrospectionEndpoint, introspect, statusOfGet } from './introspect.js'
import { introspectionUnavailable, TexasProbe } from './texas-probe.js'
import type { Reading, TokenVerifier } from './token-verifier.js'

/** How to reach Texas. */
export interface Introspection extends IntrospectionEndpoint {
  /** For the whole exchange, in seconds. */
  readonly deadline: number
}

/** Not a token: the text that a probe asks about. Texas answers that it is not active. */
const PROBE = 'probe'

/**
 * Verifies tokens by Maskinporten's keys, and then shows each to Texas, NAIS's sidecar. Of Texas's answer only the
 * verdict counts, and it is never cached: claims are those of the verified token.
 *
 * The order is a security property. Texas checks one token at a time, and while it looks for a key that it does not
 * have, all other checks wait. A caller without a token of Maskinporten's must not reach it.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function introspectionVerifier(
  signed: TokenVerifier,
  rules: ClaimRules & { readonly clock: Clock },
  texas: Introspection,
): TokenVerifier {
  const probe = new TexasProbe({ ask: askWhetherAlive, deadline: texas.deadline, clock: rules.clock })
  /** Whether a probe by POST has shown that Texas is there and set up for Maskinporten. */
  let isConfirmed = false

  /**
   * Once a POST was answered, a GET is enough: Texas answers it 405 at once, even while it looks for a key. Any other
   * status is not Texas's, and the probe asks again by POST.
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

  /** A token that is refused by its claims is not shown to Texas, and has the more exact reason. */
  function check(claims: ReadClaims, reading: Reading): ReadClaims {
    reading.step = 'introspection'
    reading.token = claims.token
    checkTime(claims, rules, rules.clock.now() / 1000)
    checkIssuer(claims, rules)
    return claims
  }

  return {
    steps: [...signed.steps, 'introspection'],
    async verify(token, reading, request) {
      const claims = check(await signed.verify(token, reading, request), reading)
      const isActive = await exchange((signal) => introspect(token, texas, signal, false)).catch(
        (cause: unknown) => {
          throw introspectionUnavailable(cause)
        },
      )
      if (!isActive) throw refused('inactive_token')
      return claims
    },
    /** Undefined unless the token is refused: the verdict of Texas takes a request to it. */
    async verifyOffline(token, reading) {
      const claims = await signed.verifyOffline(token, reading)
      if (claims) check(claims, reading)
      return undefined
    },
    async ready() {
      await Promise.all([signed.ready(), probe.ready()])
    },
    /** Usable means that keys are usable and Texas is alive. */
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
