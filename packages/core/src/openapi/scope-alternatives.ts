import type { RequiredScope } from '../requirements/prepared-demand.js'

/** The maximum number of alternatives for one operation. */
const MOST = 32

/** The maximum number of combinations of scopes to try: a rule can have exponentially many. */
const MOST_TRIED = 2000

/**
 * Returns the smallest sets of scopes that satisfy all the rules: the alternatives of a security requirement.
 * Sets are tested with the guard's own check. Adding scopes to a set that passes never makes it fail. Without
 * rules, returns one empty set.
 *
 * @returns undefined if there are too many sets to list
 */
export function scopeAlternatives(
  rules: readonly RequiredScope[],
): readonly (readonly string[])[] | undefined {
  const names = [...new Set(rules.flatMap((rule) => rule.names))]
  const allows = (scopes: readonly string[]) =>
    rules.every((rule) => rule.allows((name) => scopes.includes(name)))
  const found: (readonly string[])[] = []
  let tried = 0

  /** Finds the sets whose names are all in `taken` or `left`. */
  function search(taken: readonly string[], left: readonly string[]): void {
    if (++tried > MOST_TRIED) return
    if (found.some((scopes) => scopes.every((name) => taken.includes(name)))) return
    if (allows(taken)) {
      found.push(smallestOf(taken))
      return
    }
    const [next, ...others] = left
    if (next === undefined || !allows([...taken, ...left])) return
    search([...taken, next], others)
    search(taken, others)
  }

  function smallestOf(scopes: readonly string[]): readonly string[] {
    let smallest = scopes
    // Tries to remove the last names first, to keep the scopes that the rules name first.
    for (const name of scopes.toReversed()) {
      const without = smallest.filter((one) => one !== name)
      if (allows(without)) smallest = without
    }
    return smallest
  }

  search([], names)
  return tried > MOST_TRIED || found.length > MOST ? undefined : found
}
