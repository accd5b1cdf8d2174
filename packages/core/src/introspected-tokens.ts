import { readClaims, refuseHopeless } from './claims.js'
import { ALGORITHMS, type CompactJws, readCompactJws } from './compact-jws.js'
import { refused } from './errors.js'
import { withDeadline } from './fetch-json.js'
import { type IntrospectionEndpoint, introspect } from './introspect.js'
import type { JsonObject } from './json.js'
import type { KeyHealth } from './key-health.js'
import type { Policy } from './policy.js'
import { introspectionUnavailable, TexasProbe } from './texas-probe.js'
import type { Reading, TokenReader } from './token-reader.js'

/** How to reach Texas. */
export interface Introspection extends IntrospectionEndpoint {
  /** For the whole exchange, in seconds. */
  readonly deadline: number
}

/** Not a token: what a probe asks about. Texas answers that it is not active. */
const PROBE = 'probe'

/**
 * Reads tokens by asking Texas, NAIS's sidecar, about each of them: the claims are those of its answer, and no
 * answer is kept.
 *
 * Texas itself checks signature, issuer and times. It checks no scope and no organisation, and a token that
 * is bound to a key is active to it, so everything is checked here again.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export class IntrospectedTokens implements TokenReader {
  readonly steps = ['spelling', 'introspection', 'claims'] as const
  readonly #policy: Policy
  readonly #texas: Introspection
  readonly #probe: TexasProbe

  constructor(policy: Policy, texas: Introspection) {
    this.#policy = policy
    this.#texas = texas
    const ask = (inBackground: boolean) => this.#ask(PROBE, inBackground)
    this.#probe = new TexasProbe({ ask, deadline: texas.deadline, clock: policy.clock })
  }

  async read(token: string, reading: Reading) {
    const jws = this.#spelt(token, reading)
    const claims = await this.#ask(jws.token).catch((cause: unknown) => {
      throw introspectionUnavailable(cause)
    })
    if (!claims) throw refused('inactive_token')
    reading.step = 'claims'
    return readClaims(claims)
  }

  async readAtHand(token: string, reading: Reading) {
    this.#spelt(token, reading)
    return undefined
  }

  ready(): Promise<void> {
    return this.#probe.ready()
  }

  health(): KeyHealth {
    return this.#probe.health()
  }

  /** What Texas would refuse anyway is not worth a request to it, and here it gets a better reason. */
  #spelt(token: string, reading: Reading): CompactJws {
    const policy = this.#policy
    reading.step = 'spelling'
    const jws = readCompactJws(token, { algorithms: ALGORITHMS, maxTokenLength: policy.maxTokenLength })
    reading.keyId = jws.keyId
    reading.step = 'introspection'
    refuseHopeless(jws.unverifiedClaims, policy.issuer, policy, policy.clock.now() / 1000)
    return jws
  }

  /**
   * The claims of an active token; undefined for any other.
   *
   * @throws {KeyFetchError} when Texas could not be asked, or could not introspect the token
   */
  #ask(token: string, inBackground = false): Promise<JsonObject | undefined> {
    const ask = (signal: AbortSignal) => introspect(token, this.#texas, signal, inBackground)
    return withDeadline(this.#policy.clock, this.#texas.deadline * 1000, ask, inBackground)
  }
}
