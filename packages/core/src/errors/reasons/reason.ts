/** What an operator can know and do about a refusal. Fixed texts, safe to log. */
export interface Hint {
  /** What happened. */
  readonly cause: string
  /** What to do about it, and who does it. */
  readonly fix: string
}

/** One row of the table of reasons. */
export interface Reason<Code extends string> {
  /** Decides status and challenge: see denial.ts. */
  readonly code: Code
  /** What the caller is told, in ASCII. A fixed text: a value from the request could be an injection. */
  readonly detail: string
  /** What the operator is told. Frozen, as every event with this reason carries the same object. */
  readonly hint: Hint
}

type Texts = Pick<Reason<string>, 'detail'> & Hint

/** Makes the rows of the reasons that share a code. */
export function reasonsOf<const Code extends string, Name extends string>(
  code: Code,
  rows: Readonly<Record<Name, Texts>>,
): Readonly<Record<Name, Reason<Code>>> {
  const made = Object.entries<Texts>(rows).map(([name, { detail, cause, fix }]) => {
    return [name, Object.freeze({ code, detail, hint: Object.freeze({ cause, fix }) })]
  })
  // `Object.entries` forgets the names.
  return Object.fromEntries(made) as Record<Name, Reason<Code>>
}

export const SEND_ACCESS_TOKEN =
  'The caller sends the `access_token` from Maskinporten’s token response, unchanged.'

export const NOT_MASKINPORTEN =
  'If this continues, find out where the caller got the token: Maskinporten does not issue such tokens.'
