/**
 * The median of the rounds with its quartiles, and every round's figure beside it: a mean would let one visit
 * of the operating system speak for all.
 */
export function summary(rounds) {
  const sorted = [...rounds].sort((a, b) => a - b)
  return {
    median: round(quantile(sorted, 0.5)),
    q1: round(quantile(sorted, 0.25)),
    q3: round(quantile(sorted, 0.75)),
    rounds: rounds.map(round),
  }
}

/** @param sorted ascending; linear between neighbours */
export function quantile(sorted, share) {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  return below + (above - below) * (position - Math.floor(position))
}

/** Round by round, so that what slowed both down at the time cancels out. */
export function ratio(ours, theirs) {
  return summary(ours.rounds.map((value, index) => value / theirs.rounds[index]))
}

/** Round by round, as {@link ratio}. */
export function difference(ours, theirs) {
  return summary(ours.rounds.map((value, index) => value - theirs.rounds[index]))
}

/**
 * Measures blocks in interleaved rounds: all of them once, then all of them again, every other time backwards,
 * so that a slow minute of the machine meets every contestant.
 *
 * @param blocks `{ name, run }`, where `run` resolves to an object of figures
 * @returns by name, and by figure, the {@link summary}
 */
export async function interleave(blocks, { rounds, warmUp = 0 }) {
  const found = new Map(blocks.map(({ name }) => [name, []]))
  for (let number = -warmUp; number < rounds; number++) {
    for (const { name, run } of number % 2 === 0 ? blocks : blocks.toReversed()) {
      const figures = await run()
      if (number >= 0) found.get(name).push(figures)
    }
  }
  return Object.fromEntries([...found].map(([name, list]) => [name, summaries(list)]))
}

function summaries(list) {
  const figures = Object.keys(list[0] ?? {})
  return Object.fromEntries(figures.map((figure) => [figure, summary(list.map((each) => each[figure]))]))
}

/** Four digits: more would be noise. */
function round(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null
}
