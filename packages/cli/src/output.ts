// Results go to standard output, and everything else to standard error.

export function print(text: string): void {
  process.stdout.write(`${withoutControls(text)}\n`)
}

export function note(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`)
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2).replace(CONTROLS, escaped)}\n`)
}

/**
 * Characters that control a terminal or hide text. Printed text can come from a token, an API or a server.
 */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cf}]/gu

const withoutControls = (text: string) => text.replace(CONTROLS, '\u{FFFD}')

/**
 * Escapes a character as in JSON, because `JSON.stringify` escapes control characters only up to U+001F. A
 * character above U+FFFF becomes two escapes, one for each of its UTF-16 units.
 */
const escaped = (character: string) =>
  character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return rows.map((row) => lineOf(row).trimEnd()).join('\n')
}
