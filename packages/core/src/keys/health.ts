import { KEY_PROBLEMS, type KeyProblem } from '../errors/key-problem.js'
import type { Stopwatch } from '../platform/clock.js'
import { UpstreamError, type UpstreamFailure } from '../platform/fetch-json.js'
import type { UnusableKey, UsableKeys } from './jwk-import.js'

/** The state of the keys, for a readiness probe and for monitoring. */
export interface Health {
  /** Whether tokens can be verified now: keys are usable, and Texas is alive where it is asked. */
  readonly usable: boolean
  /** How many keys are in the set. */
  readonly keys: number
  /** Seconds since the fetch of the keys began; absent while there are none. */
  readonly keyAge?: number
  /**
   * Published keys that are not used, ten at most; absent when every published key is used. A token that names one
   * is refused with `unusable_key`.
   */
  readonly unusableKeys?: readonly {
    /** `kid`; absent where the key has none, or a malformed one. */
    readonly keyId?: string
    readonly problem: KeyProblem
    readonly message: string
  }[]
  /** The failure of the latest attempt, or of the latest probe of Texas; absent once one succeeds. */
  readonly lastFailure?: FailureDescription & {
    /** In seconds. */
    readonly age: number
  }
}

/** Why keys could not be fetched, or Texas not asked. */
export interface FailureDescription {
  readonly reason: UpstreamFailure
  /** The failure and its remedy, in our own words, with the platform's code where there is one. */
  readonly message: string
  /** The platform's own code, such as ECONNREFUSED, ENOTFOUND or CERT_HAS_EXPIRED, where it gave one. */
  readonly code?: string
}

/** Any error that is not an `UpstreamError` counts as `unreachable`. */
export function describeFailure(error: unknown): FailureDescription {
  const { reason, message, code } = error instanceof UpstreamError ? error : new UpstreamError('unreachable')
  return Object.freeze({ reason, message, ...(code !== undefined && { code }) })
}

/** As in `health()`, with its age in seconds. */
export function reportFailure({ error, age }: Failure): NonNullable<Health['lastFailure']> {
  return Object.freeze({ ...describeFailure(error), age: age.seconds })
}

/** The latest failure, and the time since then. */
export interface Failure {
  readonly error: unknown
  readonly age: Stopwatch
}

/** The publisher decides how many keys are unusable, and `health()` is logged. */
const MAX_UNUSABLE = 10

/** The health of a key set. */
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
