/** Whether a word is another one up to its case and two letters too many, too few or different. */
export function isNear(word: string, other: string): boolean {
  const [from, to] = [word.toLowerCase(), other.toLowerCase()]
  // The distance is at least this difference, so that long words cost nothing.
  return Math.abs(from.length - to.length) <= MISTAKES && distanceOf(from, to) <= MISTAKES
}

const MISTAKES = 2

/** Levenshtein's distance: the least number of letters to insert, to leave out and to replace. */
function distanceOf(from: string, to: string): number {
  let previous = [...to, ''].map((_letter, index) => index)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const [replaced = 0, removed = 0] = previous.slice(column)
      const inserted = current[column] ?? 0
      current.push(Math.min(replaced + (letter === other ? 0 : 1), removed + 1, inserted + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
