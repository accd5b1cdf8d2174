import type { ReadClaims } from '../claims/read-claims.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import type { KeyRequest } from '../keys/freshness.js'
import type { FailureDescription, Health } from '../keys/health.js'

/** The steps from a token to its claims, by the name under which an explanation lists them. */
export type ReadingStep = 'spelling' | 'key' | 'signature' | 'introspection' | 'claims'

/** How far a reading came: what became known before it succeeded or was refused. */
export interface Reading {
  /** When it began, or went on after a wait: seconds since the epoch. */
  now: number
  /** The step that is being taken. */
  step?: ReadingStep
  /** `kid`, once the spelling is right. */
  keyId?: string
  /** Once its signature is verified and its claims are typed. */
  token?: VerifiedToken
}

/** Turns a token into verified claims: by Maskinporten's keys, and by Texas where it is asked. */
export interface TokenVerifier {
  /** In their order. */
  readonly steps: readonly ReadingStep[]
  /**
   * The claims of a token, verified and typed: at once if nothing has to be awaited, else a promise.
   *
   * @throws {MaskinportenError} when the token is refused, or keys or Texas are unavailable
   */
  read(token: string, reading: Reading, request: KeyRequest): ReadClaims | Promise<ReadClaims>
  /**
   * The same by what is at hand: fetches nothing. Undefined where `read` would have to
   * fetch before it could say.
   */
  readAtHand(token: string, reading: Reading): Promise<ReadClaims | undefined>
  ready(): Promise<void>
  health(): Health
  /** Why the latest refresh of the keys failed; undefined once one succeeds, and where no keys are kept. */
  readonly failure?: FailureDescription | undefined
}
