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

/** A request that must be refused, and the only correct answer to it. */
export interface Attack {
  /** The id in the catalogue of README.md. */
  readonly id: string
  /** A noun phrase. The test appends how the request is refused. */
  readonly title: string
  /** Sent as the Bearer token. */
  readonly token?: (forge: Forge) => string
  /** Sent instead of `token`. */
  readonly headers?: (forge: Forge) => RawHeaders
  /** The parts of the request that differ from `GET /read`. */
  readonly request?: (forge: Forge) => Partial<Omit<RawRequest, 'headers'>>
  readonly against?: (forge: Forge) => Target
  readonly refused: MaskinportenReason
  /** The reason on hosts with web-standard `Headers`, which join repeated headers with a comma. */
  readonly refusedJoined?: MaskinportenReason
  /**
   * What a host could do differently with this request. `pnpm test` sends such requests to every host, and other
   * attacks only to core; `pnpm test:deep` sends all to every host.
   */
  readonly byHost?: 'headers' | 'routing' | 'size' | 'transport'
  /** True if the token names an unknown key, for which the validator may fetch keys once. */
  readonly mayFetch?: true
}

export const authorization = (...values: string[]): RawHeaders =>
  values.map((value) => ['Authorization', value])

/** Pairs each value with its JSON as the title. */
export const asJson = <T>(values: readonly T[]) =>
  values.map((value): readonly [title: string, value: T] => [JSON.stringify(value), value])

/** One attack for each value of a list. */
export function forEach<T>(
  values: readonly (readonly [title: string, value: T])[],
  attack: (value: T) => Omit<Attack, 'title'>,
  titled: (title: string) => string,
): Attack[] {
  return values.map(([title, value]) => ({ ...attack(value), title: titled(title) }))
}
