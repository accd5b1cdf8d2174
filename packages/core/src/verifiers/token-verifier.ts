import type { ReadClaims } from '../claims/read-claims.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import type { FailureDescription, Health } from '../keys/health.js'
import type { KeyRequest } from '../keys/key-refresh.js'

/** The steps from a token to its claims, as an explanation names them. */
export type ReadingStep = 'spelling' | 'key' | 'signature' | 'introspection' | 'claims'

/** How far the verification of a token came, filled in while it runs. */
export interface Reading {
  /** When it began, or went on after a wait: seconds since the epoch. */
  now: number
  /** The current step. */
  step?: ReadingStep
  /** `kid`, once the token is parsed. */
  keyId?: string
  /** Set once the signature is verified and the claims are read. */
  token?: VerifiedToken
}

/** Turns a token into verified claims: by Maskinporten's keys, and by Texas where the application uses it. */
export interface TokenVerifier {
  /** In their order. */
  readonly steps: readonly ReadingStep[]
  /**
   * The verified claims of a token: at once if nothing has to be awaited, else a promise.
   *
   * @throws {MaskinportenError} when the token is refused, or keys or Texas are unavailable
   */
  verify(token: string, reading: Reading, request: KeyRequest): ReadClaims | Promise<ReadClaims>
  /** The result of `verify` without a fetch; undefined if `verify` would have to fetch first. */
  verifyOffline(token: string, reading: Reading): Promise<ReadClaims | undefined>
  ready(): Promise<void>
  health(): Health
  /** Why the latest refresh of the keys failed; undefined once one succeeds. */
  readonly failure?: FailureDescription | undefined
}
