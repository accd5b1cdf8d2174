/** A Markdown table, aligned as the formatter does. The first row is the heading. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}

/** The rows of the first table whose heading begins with these cells. */
export function rowsOf(text: string, ...heading: readonly string[]): readonly (readonly string[])[] {
  const tables = text.split('\n\n').map((block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .slice(2, -2)
          .split(/ +\| +/)
          .map((cell) => cell.trim()),
      ),
  )
  const [, , ...rows] =
    tables.find(([head]) => heading.every((cell, column) => head?.[column] === cell)) ?? []
  if (rows.length === 0) throw new Error(`No table of ${heading.join(', ')}`)
  return rows
}
