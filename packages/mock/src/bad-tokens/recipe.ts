import type { MaskinportenReason } from '@portvakt/core'
import type { Forge } from './forge.js'

/** How a bad token is made, and how it is to be answered. */
export interface Recipe {
  /** What is wrong with it, in a line. */
  readonly meaning: string
  /** Default 401. */
  readonly status?: 403
  /** Why a guard refuses it that is configured for the mock's issuer and otherwise by default. */
  readonly reason: MaskinportenReason
  /** What an API has to ask for so that it refuses this token at all. */
  readonly onlyWith?: 'audience' | 'consumers'
  readonly make: (forge: Forge) => string | Promise<string>
}

/** Keeps the names and forgets the rest of the type. */
export function recipes<Name extends string>(table: Record<Name, Recipe>): Readonly<Record<Name, Recipe>> {
  return table
}
