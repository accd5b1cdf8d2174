import type { MaskinportenReason } from '@portvakt/core'
import type { IssueTokenOptions } from '@portvakt/mock'
import type { RawHeaders } from './host.js'
import type { Mode } from './modes.js'

/** A request and the only correct answer to it. */
export interface Case {
  readonly title: string
  /** The specification or guide that requires this answer. */
  readonly source: string
  readonly path?: string
  readonly method?: string
  /** The options of the token. Default: those of a valid token. */
  readonly token?: IssueTokenOptions | (() => IssueTokenOptions)
  /** The headers of the request. Default: an Authorization header with the token. */
  readonly headers?: (token: string) => RawHeaders
  /** The reason for the refusal. Absent if the request is allowed. */
  readonly refused?: MaskinportenReason
  readonly challenge?: string
  /** True for cases that run only on hosts where a route can have two guards. */
  readonly stacked?: true
  /** The status, if the framework answers in place of the guard. */
  readonly status?: number
  /** The members that differ in the mode `texas`. */
  readonly texas?: Pick<Case, 'refused' | 'challenge'>
}

/** Returns the case with the answer that is expected in this mode. */
export function caseIn(mode: Mode, { texas, ...one }: Case): Case {
  return mode === 'texas' ? { ...one, ...texas } : one
}

type Answer = Pick<Case, 'refused' | 'challenge' | 'stacked' | 'status' | 'texas'>
type Token = NonNullable<Case['token']>
type Headers = NonNullable<Case['headers']>

/** The answers that several tables of cases expect. */
export const REALM = 'Bearer realm="maskinporten"'
const INVALID = `${REALM}, error="invalid_token"`
export const ALLOWED = {} as const
export const AMBIGUOUS = {
  refused: 'ambiguous_credentials',
  challenge: `${REALM}, error="invalid_request"`,
} as const
/** The answer to a token that only Texas rejects. */
export const INACTIVE = { refused: 'inactive_token', challenge: INVALID } as const
/** The guard does not answer: the framework handles an error of the application. */
export const FAILED = { status: 500 } as const
/** The refusal of a request without Bearer credentials. Its challenge has no error code. */
export const missing = (refused: 'no_credentials' | 'other_scheme') =>
  ({ refused, challenge: REALM }) as const
export const invalid = <const Reason extends MaskinportenReason>(refused: Reason) =>
  ({ refused, challenge: INVALID }) as const
/** The refusal of a token without this scope. */
export const lacks = (scope: string, refused: MaskinportenReason = 'insufficient_scope') =>
  ({ refused, challenge: `${REALM}, error="insufficient_scope", scope="${scope}"` }) as const

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])

type Row<Given> = readonly [title: string, source: string, given: Given, answer?: Answer | MaskinportenReason]

/**
 * Cases on one path that differ only in their tokens. If a row has no answer, the request must be allowed. A
 * refusal reason in place of the answer means a refusal without a challenge.
 */
export const byToken = (path: string, rows: readonly Row<Token>[]): readonly Case[] =>
  rows.map(([title, source, token, answer]) => ({ title, source, path, token, ...read(answer) }))

/** Like `byToken`, but each row has the headers of the request in place of the token. */
export const byHeaders = (path: string, rows: readonly Row<Headers>[]): readonly Case[] =>
  rows.map(([title, source, headers, answer]) => ({ title, source, path, headers, ...read(answer) }))

/** Like `byToken`, but for rows with the same source. */
export const bySource = (
  source: string,
  path: string,
  rows: readonly (readonly [title: string, token: Token, answer?: Answer | MaskinportenReason])[],
): readonly Case[] => rows.flatMap(([title, ...rest]) => byToken(path, [[title, source, ...rest]]))

const read = (answer?: Answer | MaskinportenReason) =>
  typeof answer === 'string' ? { refused: answer } : answer

/**
 * Cases that expect the same answer and differ in their Authorization values, in which `{token}` stands for a
 * valid token.
 */
export function byAuthorization(
  answer: Answer,
  rows: readonly (readonly [title: string, source: string, ...values: string[]])[],
): readonly Case[] {
  return rows.map(([title, source, ...values]) => {
    const headers = (token: string) => authorization(...values.map((one) => one.replaceAll('{token}', token)))
    return { title, source, headers, ...answer }
  })
}
