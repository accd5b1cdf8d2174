import type { Members } from './shapes.js'

/** A function of the library that takes an object from an application. */
export interface Taker {
  readonly title: string
  /** Members that it accepts. */
  readonly members: Members
  /** Hands it the object, and awaits what reads it. */
  readonly take: (given: never) => unknown
  /** True when the names are the application's own (claims, headers), so that no member can be known to be lost. */
  readonly isRecord?: true
}

/** Takers whose names are known. */
export function options(title: string, members: Members, take: Taker['take']): Taker {
  return { title, members, take }
}

/** Takers of a record. */
export function record(title: string, members: Members, take: Taker['take']): Taker {
  return { title, members, take, isRecord: true }
}

/** A function of the library that takes a list from an application. */
export interface ListTaker {
  readonly title: string
  /** Entries that it accepts. */
  readonly entries: readonly unknown[]
  readonly take: (given: never) => unknown
}

export function list(title: string, entries: readonly unknown[], take: ListTaker['take']): ListTaker {
  return { title, entries, take }
}
