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

export type Token = (forge: Forge) => string

/** A request that must be refused, and the only correct answer to it. */
export interface Attack {
  /** The id of the attack in the catalogue in README.md. */
  readonly id: string
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
   * True if one host could handle this request differently from another. `pnpm test` sends these attacks, and
   * attacks with `headers`, to every host, and other attacks only to core; `pnpm test:deep` sends all attacks
   * to every host.
   */
  readonly byHost?: true
  /** True if the token names an unknown key, for which the validator may fetch keys once. */
  readonly mayFetch?: true
}

/** Values by their titles. */
export type Table<T> = Readonly<Record<string, T>>

/** The content type and length of a form. */
export const formHeaders = (body: string) =>
  Object.entries({ 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': `${body.length}` })

/** A table of values, each titled with its JSON. */
export const asJson = <T>(values: readonly T[]): Table<T> =>
  Object.fromEntries(values.map((value) => [JSON.stringify(value), value]))

/** A table of texts that are their own titles. */
export const asTitled = <T extends string>(values: readonly T[]): Table<T> =>
  Object.fromEntries(values.map((value) => [value, value]))

/** An attack, without its `title`, that sends this Bearer token and must be refused for this reason. */
export const refused = (id: string, reason: MaskinportenReason, token: Token): Omit<Attack, 'title'> => ({
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
export const tokens = (id: string, reason: MaskinportenReason, table: Table<Token>): Attack[] =>
  forEach(table, '%s', (token) => refused(id, reason, token))
