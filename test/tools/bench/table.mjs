/** Formats rows as a Markdown table. The first column is aligned to the left, the others to the right. */
export function table(headers, rows) {
  const widths = headers.map((header, column) =>
    Math.max(3, header.length, ...rows.map((row) => row[column].length)),
  )
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(headers), rule, ...rows.map(line)].join('\n')
}

/** Formats a figure with its quartiles. Returns `–` if the figure is missing. */
export function cell(found, scale = 1) {
  if (found?.median === undefined || found.median === null) return '–'
  const { median, q1, q3, rounds } = found
  if (rounds.length < 2) return digits(median * scale)
  return `${digits(median * scale)} (${digits(q1 * scale)}–${digits(q3 * scale)})`
}

/** Rounds to three digits. Even the third digit can differ between two runs. */
export function digits(value) {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return Number(value.toPrecision(3)).toString()
}
