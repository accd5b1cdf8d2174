export type Members = Readonly<Record<string, unknown>>

/** A function of the library with an option object as argument. */
export interface Taker {
  readonly title: string
  /** Members that the function accepts. */
  readonly members: Members
  /** Calls the function with the object, and waits until the function has read the object. */
  readonly take: (given: never) => unknown
  /**
   * True if the application chooses the names of the members (of claims or headers, for example), so that the
   * function cannot notice a missing member.
   */
  readonly isRecord?: true
}

/** Creates a taker that knows the names of its members. */
export function options(title: string, members: Members, take: Taker['take']): Taker {
  return { title, members, take }
}

/** Creates a taker whose members are named by the application. */
export function record(title: string, members: Members, take: Taker['take']): Taker {
  return { title, members, take, isRecord: true }
}

/** A function of the library with a list as argument. */
export interface ListTaker {
  readonly title: string
  /** Entries that the function accepts. */
  readonly entries: readonly unknown[]
  readonly take: (given: never) => unknown
}

export function list(title: string, entries: readonly unknown[], take: ListTaker['take']): ListTaker {
  return { title, entries, take }
}

/** The members of a taker that are lists. */
export function listsOf({ title, members, take }: Taker): ListTaker[] {
  return Object.entries(members).flatMap(([name, entries]) =>
    Array.isArray(entries)
      ? [list(`\`${name}\` of ${title}`, entries, (given) => take({ ...members, [name]: given } as never))]
      : [],
  )
}
