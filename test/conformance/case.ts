import type { MaskinportenReason } from '@portvakt/core'
import type { IssueTokenOptions } from '@portvakt/mock'
import type { RawHeaders } from './host.js'
import type { Mode } from './modes.js'

/** A request, and the one answer to it. */
export interface Case {
  readonly title: string
  /** What demands this answer. */
  readonly source: string
  readonly path?: string
  readonly method?: string
  /** Makes a token, and the headers that carry it. */
  readonly token?: IssueTokenOptions | (() => IssueTokenOptions)
  readonly headers?: (token: string) => RawHeaders
  /** Absent where the request is let in. */
  readonly refused?: MaskinportenReason
  readonly challenge?: string
  /** What only a host can answer on which guards stack. */
  readonly stacked?: true
  /** Where the answer is the application's own business. */
  readonly status?: number
  /** The answer where Texas is asked too, if it differs. */
  readonly texas?: Pick<Case, 'refused' | 'challenge'>
}

/** The answer that a mode is to give. */
export function caseIn(mode: Mode, { texas, ...one }: Case): Case {
  return mode === 'texas' ? { ...one, ...texas } : one
}

/** The challenges of the answer table. */
export const REALM = 'Bearer realm="maskinporten"'
export const INVALID = `${REALM}, error="invalid_token"`
export const AMBIGUOUS = `${REALM}, error="invalid_request"`
export const lacks = (scope: string) => `${REALM}, error="insufficient_scope", scope="${scope}"`

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])
/** Texas refuses what keys alone let pass. */
export const INACTIVE = { refused: 'inactive_token', challenge: INVALID } as const

/** Headers that hold no token. */
export const raw = (...values: string[]) => ({ headers: () => authorization(...values) })
