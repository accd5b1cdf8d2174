import type { IssuerRule } from '../claims/foreign-token.js'
import type { DecisionListener } from '../decision/event.js'
import { refusalPrinter } from '../decision/refusal-line.js'
import { type DenialBody, readRealm } from '../http/denial.js'
import { type Clock, systemClock } from '../platform/clock.js'
import type { Fetch } from '../platform/fetch-json.js'
import { functionOrAbsent, numberBetween } from '../platform/options.js'
import { prepareAudience } from '../requirements/audience.js'

/** Rules for accepting tokens and for answering requests. Every member has a safe default. */
export interface PolicyOptions {
  /**
   * Accepted audiences (absolute URIs, compared exactly). Default: `aud` is not checked, because Maskinporten
   * sets a specific `aud` only when a client requests it.
   */
  readonly audience?: string | readonly string[]
  /**
   * Seconds by which our clock and Maskinporten's can differ, 0–300. Default 10, as Maskinporten itself
   * allows for grants.
   */
  readonly clockTolerance?: number
  /** Longest accepted token lifetime (`exp - iat`), in seconds. Default 86400. Maskinporten sets 30–680. */
  readonly maxTokenLifetime?: number
  /**
   * Longest accepted token, in bytes, 1024–65536. Default 16384. Node answers 431 when all headers together
   * exceed 16 KiB: to accept longer tokens, also start Node with a larger `--max-http-header-size`.
   */
  readonly maxTokenLength?: number
  /** The realm in challenges. Default `maskinporten`. */
  readonly realm?: string
  /** Replaces the body of the answer to a refused request: see {@link DenialBody}. */
  readonly denialBody?: DenialBody
  /** Receives every decision: see {@link DecisionListener}. */
  readonly onDecision?: DecisionListener
  /**
   * Replaces the global `fetch`, for example to use a proxy or a private CA. The validator waits for at most
   * `keys.timeout`, or `deadline` for calls to Texas, even if this function ignores its abort signal. If this
   * function throws, only the name and the system code of its error are kept.
   */
  readonly fetch?: Fetch
  /** The source of time, for tests. Default {@link systemClock}. */
  readonly clock?: Clock
}

export interface Policy {
  readonly issuer: IssuerRule
  readonly audience: readonly string[] | undefined
  readonly clockTolerance: number
  readonly maxTokenLifetime: number
  readonly maxTokenLength: number
  readonly realm: string
  readonly denialBody: DenialBody | undefined
  /** `onDecision`, and the printer of refusals if NODE_DEBUG enables it. */
  readonly listeners: readonly DecisionListener[]
  readonly clock: Clock
}

const DAY = 86_400

/** @throws {TypeError} naming the bad option, and what it must be */
export function readPolicy(taken: PolicyOptions, issuer: IssuerRule): Policy {
  // Only an undefined option gets its default: null is checked like any other value.
  const { clock = systemClock } = taken
  const { clockTolerance = 10, maxTokenLifetime = DAY, maxTokenLength = 16_384 } = taken
  const listeners = [functionOrAbsent(taken.onDecision, 'onDecision'), refusalPrinter()]
  return Object.freeze({
    issuer,
    audience: taken.audience === undefined ? undefined : prepareAudience(taken.audience),
    clockTolerance: numberBetween(clockTolerance, 0, 300, 'clockTolerance'),
    maxTokenLifetime: numberBetween(maxTokenLifetime, 1, 366 * DAY, 'maxTokenLifetime'),
    maxTokenLength: numberBetween(maxTokenLength, 1024, 65_536, 'maxTokenLength'),
    realm: readRealm(taken.realm),
    denialBody: functionOrAbsent(taken.denialBody, 'denialBody'),
    listeners: Object.freeze(listeners.filter((listener) => listener !== undefined)),
    clock: readClock(clock),
  })
}

/** @throws {TypeError} naming the method that is missing */
export function readClock(clock: Clock): Clock {
  for (const method of ['now', 'elapsed', 'after'] as const) {
    if (typeof clock?.[method] !== 'function') throw new TypeError(`\`clock.${method}\` must be a function`)
  }
  return clock
}
