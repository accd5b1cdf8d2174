import type { MaskinportenReason, MaskinportenValidatorOptions } from '@portvakt/core'
import type { RawHeaders } from '../conformance/host.js'
import type { Forge } from './forge.js'
import type { RawRequest } from './wire.js'

/** A validator to attack instead of the default one. */
export interface Target {
  /** The answer from the key endpoint. */
  readonly keys?: unknown
  /** Members of the metadata that replace the valid ones. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly options?: MaskinportenValidatorOptions
}

type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** The id of an attack in the catalogue in README.md. */
export type AttackId =
  | `${'S' | 'C' | 'H' | 'J' | 'K'}0${Digit}`
  | `D0${1 | 2 | 3 | 4 | 5 | 6 | 7}`
  | `${'C' | 'H'}1${0 | 1 | 2}`
  | `J1${0 | 1 | 2 | 3 | 4 | 5 | 6}`
  | `S1${0 | Digit}`
  | 'K10'

export type Token = (forge: Forge) => string

/** A request that must be refused, and the only correct answer to it. */
export interface Attack {
  readonly id: AttackId
  /** A noun phrase. The test appends how the request is refused. */
  readonly title: string
  /** Sent as the Bearer token. */
  readonly token?: Token
  /** Sent instead of `token`. */
  readonly headers?: (forge: Forge) => RawHeaders
  /** The parts of the request that differ from `GET /read`. */
  readonly request?: (forge: Forge) => Partial<Omit<RawRequest, 'headers'>>
  readonly against?: (forge: Forge) => Target
  readonly refused: MaskinportenReason
  /** The reason on hosts with web-standard `Headers`, which join repeated headers with a comma. */
  readonly refusedJoined?: MaskinportenReason
  /**
   * The part of this request that one host could handle differently from another. `pnpm test` sends attacks
   * with this member to every host, and other attacks only to core; `pnpm test:deep` sends all attacks to
   * every host.
   */
  readonly byHost?: 'headers' | 'routing' | 'size' | 'transport'
  /** True if the token names an unknown key, for which the validator may fetch keys once. */
  readonly mayFetch?: true
}

/** Values by their titles. */
export type Table<T> = Readonly<Record<string, T>>

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])

/** A table of values, each titled with its JSON. */
export const asJson = <T>(values: readonly T[]): Table<T> =>
  Object.fromEntries(values.map((value) => [JSON.stringify(value), value]))

/** A table of texts that are their own titles. */
export const asTitled = <T extends string>(values: readonly T[]): Table<T> =>
  Object.fromEntries(values.map((value) => [value, value]))

/** An attack, without its `title`, that sends this Bearer token and must be refused for this reason. */
export const refused = (id: AttackId, reason: MaskinportenReason, token: Token): Omit<Attack, 'title'> => ({
  id,
  token,
  refused: reason,
})

/** One attack for each value of a table. In `title`, `%s` stands for the title of the value. */
export function forEach<T>(
  table: Table<T>,
  title: string,
  attack: (value: T) => Omit<Attack, 'title'>,
): Attack[] {
  return Object.entries(table).map(([name, value]) => ({
    ...attack(value),
    title: title.replace('%s', () => name),
  }))
}

/** One attack for each token of a table. */
export const tokens = (id: AttackId, reason: MaskinportenReason, table: Table<Token>): Attack[] =>
  forEach(table, '%s', (token) => refused(id, reason, token))
