/** Prints rows in columns: the first `textColumns` left-aligned, the others right-aligned. */
export function table(rows, textColumns = 1) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column < textColumns ? String(cell).padEnd(widths[column]) : String(cell).padStart(widths[column]),
    )
    console.log(cells.join('  ').trimEnd())
  }
}

/** Formats a rate or a time with at least three digits. */
export function figure(value) {
  return value >= 99.95 ? String(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2)
}
