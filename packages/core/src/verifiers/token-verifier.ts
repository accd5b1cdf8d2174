import type { ReadClaims } from '../claims/read-claims.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import type { FailureDescription, Health } from '../keys/health.js'
import type { KeyRequest } from '../keys/key-refresh.js'

/**
 * The steps of verification, as explanations name them: `form` is `readCompactJws`, `key` is `KeySet`,
 * `signature` is `verifySignature`, `claims` is `readClaims`, `introspection` is Texas.
 */
export type VerificationStep = 'form' | 'key' | 'signature' | 'introspection' | 'claims'

/** The progress of a verification. */
export interface VerificationTrace {
  /** When the verification began or, after a wait, continued: seconds since the epoch. */
  now: number
  step?: VerificationStep | undefined
  /** `kid`, once the token is parsed. */
  keyId?: string | undefined
  /** Set once the signature is verified and the claims are read. */
  token?: VerifiedToken | undefined
}

/** Turns a token into verified claims. */
export interface TokenVerifier {
  readonly steps: readonly VerificationStep[]
  /**
   * Returns the verified claims, or a promise of them if verification is asynchronous or must fetch.
   *
   * @throws {MaskinportenError} when the token is refused, or keys or Texas are unavailable
   */
  verify(token: string, trace: VerificationTrace, request: KeyRequest): ReadClaims | Promise<ReadClaims>
  /** The result of `verify`; undefined if `verify` would send a request. */
  verifyOffline(token: string, trace: VerificationTrace): Promise<ReadClaims | undefined>
  ready(): Promise<void>
  health(): Health
  /** Why the latest refresh of the keys failed; undefined after a success. */
  readonly failure?: FailureDescription | undefined
}

/**
 * Whether a result must be awaited. Not `instanceof Promise`, because an application can replace the global
 * Promise; an own member, because a polluted `Object.prototype` can give a promise a token.
 */
export function isPending(verified: ReadClaims | Promise<ReadClaims>): verified is Promise<ReadClaims> {
  return !Object.hasOwn(verified, 'token')
}
