/** Rounds in which each work runs once. */
export const ROUNDS = 10
/**
 * Maximum number of times that the rounds are repeated while a bound is exceeded. Repetition only reduces
 * noise.
 */
const REPEATS = 5

/** Work whose cost is measured. */
export interface Work {
  readonly prepare?: () => unknown
  readonly run: () => unknown
}

/**
 * The duration of the shortest run of each `Work`, in µs. Runs of the different works alternate, so that a
 * slow moment of the machine affects all works.
 *
 * @param isEnough returns true if the costs are within their bounds, which ends the repetition
 */
export async function fastest(
  works: readonly Work[],
  isEnough: (costs: readonly number[]) => boolean,
): Promise<readonly number[]> {
  const best = works.map(() => Number.POSITIVE_INFINITY)
  for (let round = 1; round <= ROUNDS * REPEATS; round++) {
    for (const [index, { prepare, run }] of works.entries()) {
      await prepare?.()
      const startedAt = performance.now()
      await run()
      best[index] = Math.min(best[index] ?? 0, (performance.now() - startedAt) * 1000)
    }
    if (round % ROUNDS === 0 && isEnough(best)) break
  }
  return best
}
