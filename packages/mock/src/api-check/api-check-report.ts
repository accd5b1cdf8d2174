/** How an API answered in one case. */
export interface ApiCheckCase {
  /**
   * The name of the case. For a bad token, it is the name of that token. Other names are, for example,
   * `good-token` and `no-credentials`.
   */
  readonly name: string
  /** The credentials in the request. */
  readonly meaning: string
  /** Whether the answer was correct. */
  readonly passed: boolean
  /** The mistakes in the answer. */
  readonly problems: readonly string[]
  /** The status of the answer; undefined if there was no answer. */
  readonly status: number | undefined
  /** The answer's `WWW-Authenticate` header; undefined if it is missing. */
  readonly challenge: string | undefined
}

/** How an API answered each case. Contains no tokens. */
export interface ApiCheckReport {
  /** Whether every answer was correct. */
  readonly passed: boolean
  readonly cases: readonly ApiCheckCase[]
  /** Returns one line for each case, and marks the wrong answers. */
  toString(): string
}

export function apiCheckReport(cases: readonly ApiCheckCase[]): ApiCheckReport {
  const wrong = cases.filter(({ passed }) => !passed).length
  const all = cases.length
  const summary = wrong === 0 ? `All ${all} answers are right.` : `${wrong} of ${all} answers are wrong.`
  return Object.freeze({
    passed: wrong === 0,
    cases: Object.freeze([...cases]),
    toString: () => [...cases.map(lineOf), summary].join('\n'),
  })
}

function lineOf({ name, meaning, passed, problems, status }: ApiCheckCase): string {
  const answer = status ?? 'no answer'
  return passed ? `✓ ${name}: ${answer}` : `✗ ${name} (${meaning}): ${answer}; ${problems.join('; ')}`
}
