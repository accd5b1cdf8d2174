import type { MaskinportenReason } from '@portvakt/core'
import type { IssueTokenOptions } from '@portvakt/mock'
import type { RawHeaders } from './host.js'
import type { Mode } from './modes.js'

/** A request and the only correct answer to it. */
export interface Case {
  readonly title: string
  /** The rule behind this answer. */
  readonly source: string
  readonly path?: string
  readonly method?: string
  /** The options of the token. Default: those of a valid token. */
  readonly token?: IssueTokenOptions | (() => IssueTokenOptions)
  /** Default: the token in an Authorization header. */
  readonly headers?: (token: string) => RawHeaders
  /** The reason for the refusal. Absent if the request is allowed. */
  readonly refused?: MaskinportenReason
  readonly challenge?: string
  /** True for cases that run only on hosts where a route can have two guards. */
  readonly stacked?: true
  /** The status, if the framework answers in place of the guard. */
  readonly status?: number
  /** The answer from a Texas validator, if it differs. */
  readonly texas?: Pick<Case, 'refused' | 'challenge'>
}

/** A case with the expected answer in this mode. */
export function caseIn(mode: Mode, { texas, ...one }: Case): Case {
  return mode === 'texas' ? { ...one, ...texas } : one
}

export const REALM = 'Bearer realm="maskinporten"'
export const INVALID = `${REALM}, error="invalid_token"`
export const AMBIGUOUS = `${REALM}, error="invalid_request"`
export const lacks = (scope: string) => `${REALM}, error="insufficient_scope", scope="${scope}"`

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])
/** The answer to a token that only Texas rejects. */
export const INACTIVE = { refused: 'inactive_token', challenge: INVALID } as const

/** Sends these Authorization headers in place of the token. */
export const raw = (...values: string[]) => ({ headers: () => authorization(...values) })

/** The refusal of a request without Bearer credentials. Its challenge has no error code. */
export const missing = (refused: 'no_credentials' | 'other_scheme') =>
  ({ refused, challenge: REALM }) as const
export const ambiguous = { refused: 'ambiguous_credentials', challenge: AMBIGUOUS } as const
export const invalid = <const Reason extends MaskinportenReason>(refused: Reason) =>
  ({ refused, challenge: INVALID }) as const
