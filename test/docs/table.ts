/** A Markdown table, aligned as the formatter does. The first row is the heading. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  )
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}

/** The first table whose heading begins with these cells. The first row of the result is that heading. */
export function tableIn(text: string, ...heading: readonly string[]): readonly (readonly string[])[] {
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
  const found = tables.find(([head]) => heading.every((cell, column) => head?.[column] === cell))
  const [head, , ...rows] = found ?? []
  if (head === undefined || rows.length === 0) throw new Error(`No table of ${heading.join(', ')}`)
  return [head, ...rows]
}

/** The rows of {@link tableIn}, without the heading. */
export const rowsOf = (text: string, ...heading: readonly string[]) => tableIn(text, ...heading).slice(1)
