import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { refused } from '../errors/maskinporten-error.js'
import type { FailureDescription, Health } from '../keys/health.js'
import type { KeyRequest } from '../keys/key-refresh.js'
import type { Clock } from '../platform/clock.js'
import { withDeadline } from '../platform/fetch-json.js'
import { type IntrospectionEndpoint, introspect, statusOfGet } from './introspect.js'
import { introspectionUnavailable, TexasProbe } from './texas-probe.js'
import type { Reading, ReadingStep, TokenVerifier } from './token-verifier.js'

/** How to reach Texas. */
export interface Introspection extends IntrospectionEndpoint {
  /** For the whole exchange, in seconds. */
  readonly deadline: number
}

/** What is checked before a token is shown to Texas, and the clock of both. */
interface IntrospectionRules extends ClaimRules {
  readonly clock: Clock
}

/** Not a token: what a probe asks about. Texas answers that it is not active. */
const PROBE = 'probe'

/**
 * Reads tokens by Maskinporten's keys, and then shows each to Texas, NAIS's sidecar. Of Texas's answer only the
 * verdict counts, and none is kept: claims are those of the verified token.
 *
 * The order is a security property. Texas checks one token at a time, and looks for a key that it does not have
 * while all others wait. A caller without a token of Maskinporten's must not reach it.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export class IntrospectionVerifier implements TokenVerifier {
  readonly steps: readonly ReadingStep[]
  readonly #signed: TokenVerifier
  readonly #rules: IntrospectionRules
  readonly #texas: Introspection
  readonly #probe: TexasProbe
  /** Whether a probe by POST has shown that Texas is there and set up for Maskinporten. */
  #isConfirmed = false

  constructor(signed: TokenVerifier, rules: IntrospectionRules, texas: Introspection) {
    this.steps = [...signed.steps, 'introspection']
    this.#signed = signed
    this.#rules = rules
    this.#texas = texas
    const ask = (inBackground: boolean) => this.#askWhetherAlive(inBackground)
    this.#probe = new TexasProbe({ ask, deadline: texas.deadline, clock: rules.clock })
  }

  async verify(token: string, reading: Reading, request: KeyRequest) {
    const claims = this.#checked(await this.#signed.verify(token, reading, request), reading)
    const isActive = await this.#exchange((signal) => introspect(token, this.#texas, signal, false)).catch(
      (cause: unknown) => {
        throw introspectionUnavailable(cause)
      },
    )
    if (!isActive) throw refused('inactive_token')
    return claims
  }

  /** Undefined unless the token is refused: the verdict of Texas takes a request to it. */
  async verifyOffline(token: string, reading: Reading) {
    const claims = await this.#signed.verifyOffline(token, reading)
    if (claims) this.#checked(claims, reading)
    return undefined
  }

  async ready(): Promise<void> {
    await Promise.all([this.#signed.ready(), this.#probe.ready()])
  }

  /** Usable means that keys are, and that Texas is alive. */
  health(): Health {
    const [keys, texas] = [this.#signed.health(), this.#probe.health()]
    const [first, second] = keys.usable ? [texas, keys] : [keys, texas]
    const lastFailure = first.lastFailure ?? second.lastFailure
    return Object.freeze({
      ...keys,
      usable: keys.usable && texas.usable,
      ...(lastFailure && { lastFailure }),
    })
  }

  get failure(): FailureDescription | undefined {
    return this.#signed.failure
  }

  /** A token that is refused here anyway is not shown to Texas, and has the better reason. */
  #checked(claims: ReadClaims, reading: Reading): ReadClaims {
    reading.step = 'introspection'
    reading.token = claims.token
    checkTime(claims, this.#rules, this.#rules.clock.now() / 1000)
    checkIssuer(claims, this.#rules)
    return claims
  }

  /**
   * Once a POST was answered, a GET is enough: Texas answers it 405 at once, even while it looks for a key. Any
   * other status is not Texas's, and is asked about by POST.
   */
  #askWhetherAlive(inBackground: boolean): Promise<void> {
    return this.#exchange(async (signal) => {
      if (this.#isConfirmed && (await statusOfGet(this.#texas, signal, inBackground)) === 405) return
      await introspect(PROBE, this.#texas, signal, inBackground)
      this.#isConfirmed = true
    }, inBackground)
  }

  #exchange<T>(work: (signal: AbortSignal) => Promise<T>, inBackground = false): Promise<T> {
    return withDeadline(this.#rules.clock, this.#texas.deadline * 1000, work, inBackground)
  }
}
