/** Formats rows as a Markdown table. The first column is aligned to the left, the others to the right. */
export function table(headers, rows) {
  const widths = headers.map((header, column) =>
    Math.max(3, header.length, ...rows.map((row) => row[column].length)),
  )
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`
  const rule = line(
    widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  )
  return [line(headers), rule, ...rows.map(line)].join('\n')
}

/** Formats a figure with its quartiles. Returns `–` if the figure is missing. */
export function cell(found) {
  if (found?.median === undefined || found.median === null) return '–'
  const { median, q1, q3, rounds } = found
  if (rounds.length < 2) return digits(median)
  return `${digits(median)} (${digits(q1)}–${digits(q3)})`
}

/** Rounds to three digits. Even the third digit can differ between two runs. */
export function digits(value) {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return Number(value.toPrecision(3)).toString()
}

/** A row for each entry: its name, and then its cells. */
export function rowsOf(entries, cellsOf) {
  return Object.entries(entries).map(([name, found]) => [name, ...cellsOf(found)])
}

export function medians(...figures) {
  return figures.map((found) => digits(found?.median)).join(' / ')
}
