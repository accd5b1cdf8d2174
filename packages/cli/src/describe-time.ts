/** Returns text such as `2026-11-30T01:02:00Z, in 117 s`. @param time seconds since the epoch */
export function describeTime(time: number, now: number): string {
  const date = new Date(time * 1000)
  // The time can be outside the range of a date.
  if (Number.isNaN(date.getTime())) return String(time)
  const distance = describeDuration(Math.abs(time - now))
  return `${date.toISOString().replace('.000Z', 'Z')}, ${time >= now ? `in ${distance}` : `${distance} ago`}`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** Rounds to a whole number of the largest unit that fits into the duration at least twice. */
function describeDuration(seconds: number): string {
  const [unit, length] = UNITS.find(([, inSeconds]) => seconds >= 2 * inSeconds) ?? ['s', 1]
  return `${Math.round(seconds / length)} ${unit}`
}
