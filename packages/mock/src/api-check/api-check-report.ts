/** How an API answered in one case. */
export interface ApiCheckCase {
  /** The name of a bad token, or of another kind of request: `good-token`, `no-credentials`, … */
  readonly name: string
  /** What the request carried. */
  readonly meaning: string
  /** Whether the answer was right. */
  readonly passed: boolean
  /** What was wrong with it. */
  readonly problems: readonly string[]
  /** Undefined where there was no answer. */
  readonly status: number | undefined
  /** `WWW-Authenticate`, where the answer had it. */
  readonly challenge: string | undefined
}

/** How an API answered. Holds no tokens. */
export interface ApiCheckReport {
  /** Whether every answer was right. */
  readonly passed: boolean
  readonly cases: readonly ApiCheckCase[]
  /** A line a case, the wrong ones marked, for people. */
  toString(): string
}

export function apiCheckReport(cases: readonly ApiCheckCase[]): ApiCheckReport {
  const wrong = cases.filter(({ passed }) => !passed)
  const summary =
    wrong.length === 0
      ? `All ${cases.length} answers are right.`
      : `${wrong.length} of ${cases.length} answers are wrong.`
  return Object.freeze({
    passed: wrong.length === 0,
    cases: Object.freeze([...cases]),
    toString: () => [...cases.map(lineOf), summary].join('\n'),
  })
}

function lineOf({ name, meaning, passed, problems, status }: ApiCheckCase): string {
  const answer = status ?? 'no answer'
  return passed ? `✓ ${name}: ${answer}` : `✗ ${name} (${meaning}): ${answer}; ${problems.join('; ')}`
}
