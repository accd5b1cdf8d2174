/**
 * Limits the values of a label: the first `limit` values are kept for the life of the process, and the rest
 * become `other`. For each value, the monitoring system stores a separate time series.
 */
export function boundedLabel(limit: number): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.size < limit) known.add(value)
    return known.has(value) ? value : 'other'
  }
}
