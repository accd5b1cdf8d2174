/**
 * Returns the median and the quartiles of a figure over its rounds, and the value in each round. A mean would
 * depend on single interruptions by the operating system.
 */
export function summary(rounds) {
  const sorted = rounds.toSorted((a, b) => a - b)
  return {
    median: round(quantile(sorted, 0.5)),
    q1: round(quantile(sorted, 0.25)),
    q3: round(quantile(sorted, 0.75)),
    rounds: rounds.map(round),
  }
}

/** @param sorted values in ascending order, between which the result is interpolated */
function quantile(sorted, share) {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  return below + (above - below) * (position - Math.floor(position))
}

/** The median and the 99th percentile of latencies. */
export function percentiles(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

/**
 * Returns the {@link summary} of the ratio in each round. A slowdown of both contestants in a round cancels
 * out.
 */
export function ratio(ours, theirs) {
  return paired(ours, theirs, (our, their) => our / their)
}

/** Like {@link ratio}, but for the difference in each round. */
export function difference(ours, theirs) {
  return paired(ours, theirs, (our, their) => our - their)
}

/** Pairs the rounds of two contestants. `theirs` can have several rounds for each round of `ours`. */
function paired(ours, theirs, combine) {
  const step = theirs.rounds.length / ours.rounds.length
  return summary(ours.rounds.map((value, index) => combine(value, theirs.rounds[Math.floor(index * step)])))
}

/** Half the distance between the quartiles: how far a usual round is from the median. */
export function spread({ q1, q3 }) {
  return (q3 - q1) / 2
}

/**
 * The highest absolute median of a generation: two equal programs differ by this much in at least one
 * generation of processes.
 *
 * @param difference the differences of two equal programs, in which the rounds of each generation are
 *   adjacent
 */
export function errorBar({ rounds }, generations) {
  const size = Math.ceil(rounds.length / generations)
  const medians = Array.from({ length: generations }, (_, index) =>
    Math.abs(summary(rounds.slice(index * size, (index + 1) * size)).median),
  )
  return Math.max(...medians)
}

/** Returns the figure with the highest median, or undefined if there is none. */
export function highest(found) {
  const [most] = found.filter(Boolean).toSorted((one, other) => other.median - one.median)
  return most
}

/**
 * Measures blocks in interleaved rounds: each round measures every block once, and every second round in
 * reverse order, so that a slow minute of the machine affects every contestant.
 *
 * @param blocks `{ name, run }`, where `run` resolves to an object of figures
 * @returns the {@link summary} of each figure, by block and by figure. A name with parts, such as
 *   `koa | bare`, becomes a path in the result.
 */
export async function interleave(blocks, { rounds, warmUp = 0 }) {
  const found = new Map(blocks.map(({ name }) => [name, []]))
  for (let number = -warmUp; number < rounds; number++) {
    for (const { name, run } of number % 2 === 0 ? blocks : blocks.toReversed()) {
      const figures = await run()
      if (number >= 0) found.get(name).push(figures)
    }
  }
  const results = {}
  for (const [name, list] of found) {
    const path = name.split(' | ')
    const last = path.pop()
    let place = results
    for (const part of path) place = place[part] ??= {}
    place[last] = summaries(list)
  }
  return results
}

function summaries(list) {
  const figures = Object.keys(list[0] ?? {})
  return Object.fromEntries(figures.map((figure) => [figure, summary(list.map((each) => each[figure]))]))
}

/** Rounds to four digits. Further digits would be noise. */
function round(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null
}
