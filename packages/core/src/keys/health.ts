import { KEY_PROBLEMS, type KeyProblem } from '../errors/key-problem.js'
import type { Stopwatch } from '../platform/clock.js'
import { UpstreamError, type UpstreamFailure } from '../platform/fetch-json.js'
import type { UnusableKey, UsableKeys } from './jwk-import.js'

/** The state of the keys, and of Texas if it is used, for a readiness probe and for monitoring. */
export interface Health {
  /** Whether tokens can be verified now: keys are usable, and Texas, if used, is alive. */
  readonly usable: boolean
  /** Number of keys in use. */
  readonly keys: number
  /** Seconds since the fetch of the current keys began; absent without keys. */
  readonly keyAge?: number
  /**
   * At most ten published keys that are not used; absent if there are none. A token that names such a key is
   * refused with the reason `unusable_key`.
   */
  readonly unusableKeys?: readonly {
    /** `kid`; absent when missing or malformed. */
    readonly keyId?: string
    readonly problem: KeyProblem
    readonly message: string
  }[]
  /** The failure of the latest fetch of keys or of the latest probe of Texas; absent if neither failed. */
  readonly lastFailure?: FailureDescription & {
    /** Seconds since the failure. */
    readonly age: number
  }
}

/** Why keys could not be fetched, or Texas could not be reached. */
export interface FailureDescription {
  readonly reason: UpstreamFailure
  /** A fixed text: what failed and what to do about it. Can contain the system's error code. */
  readonly message: string
  /** The system's error code, such as ECONNREFUSED, ENOTFOUND or CERT_HAS_EXPIRED; absent without a code. */
  readonly code?: string
}

/** Any error that is not an `UpstreamError` counts as `unreachable`. */
export function describeFailure(error: unknown): FailureDescription {
  const { reason, message, code } = error instanceof UpstreamError ? error : new UpstreamError('unreachable')
  return Object.freeze({ reason, message, ...(code !== undefined && { code }) })
}

export function reportFailure({ error, age }: Failure): NonNullable<Health['lastFailure']> {
  return Object.freeze({ ...describeFailure(error), age: age.seconds })
}

export interface Failure {
  readonly error: unknown
  readonly age: Stopwatch
}

/** Limited, because the issuer decides how many unusable keys it publishes, and `health()` is logged. */
const MAX_UNUSABLE = 10

export function healthOf(
  usable: boolean,
  loaded: { readonly keys: UsableKeys; readonly age: Stopwatch } | undefined,
  unusable: readonly UnusableKey[],
  failure: Failure | undefined,
): Health {
  const unusableKeys = unusable.slice(0, MAX_UNUSABLE).map(({ keyId, problem }) => {
    const message = `The key is published, but ${KEY_PROBLEMS[problem]}`
    return Object.freeze({ ...(keyId !== undefined && { keyId }), problem, message })
  })
  return Object.freeze({
    usable,
    keys: loaded?.keys.size ?? 0,
    ...(loaded && { keyAge: loaded.age.seconds }),
    ...(unusable.length > 0 && { unusableKeys: Object.freeze(unusableKeys) }),
    ...(failure && { lastFailure: reportFailure(failure) }),
  })
}
