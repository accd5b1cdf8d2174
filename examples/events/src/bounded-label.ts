/**
 * Values of a label, of which there are never more than `limit`, and `other`: the first that come keep their
 * names for as long as the process lives. Each value costs the monitoring system a series of its own.
 */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.size < limit) known.add(value)
    return known.has(value) ? value : 'other'
  }
}
