import type { MaskinportenReason, MaskinportenValidatorOptions } from '@portvakt/core'
import type { RawHeaders } from '../conformance/host.js'
import type { Forge } from './forge.js'
import type { RawRequest } from './wire.js'

/** What is there to be attacked, where it is not the usual validator. */
export interface Target {
  /** What the key endpoint answers. */
  readonly keys?: unknown
  /** What the metadata says, beside what it should. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly options?: MaskinportenValidatorOptions
}

/** A request that must not get in, and the one answer to it. */
export interface Attack {
  /** In the catalogue of README.md. */
  readonly id: string
  readonly title: string
  /** Sent as the Bearer token. */
  readonly token?: (forge: Forge) => string
  /** Sent in its place. */
  readonly headers?: (forge: Forge) => RawHeaders
  /** Whatever differs from `GET /read`. */
  readonly request?: (forge: Forge) => Partial<Omit<RawRequest, 'headers'>>
  readonly against?: (forge: Forge) => Target
  readonly refused: MaskinportenReason
  /** Why instead, by a host that sees one value where several headers were sent: `Headers` joins them by a comma. */
  readonly refusedJoined?: MaskinportenReason
  /** True where the token names a key that nobody has seen: it may buy one fetch. */
  readonly mayFetch?: true
}

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])

/** One attack for each value of a list. */
export function forEach<T>(
  values: readonly (readonly [title: string, value: T])[],
  attack: (value: T) => Omit<Attack, 'title'>,
  titled: (title: string) => string,
): Attack[] {
  return values.map(([title, value]) => ({ ...attack(value), title: titled(title) }))
}
