/** For people and scripts: results on standard output, and everything about them on standard error. */

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
 * Characters that control a terminal or hide text, other than line breaks and tabs. Printed text may come from a
 * token, an API, or any server at the mock's address.
 */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cf}]/gu

const withoutControls = (text: string) => text.replace(CONTROLS, '\u{FFFD}')

/** The character as a JSON escape. `JSON.stringify` itself escapes only those up to U+001F. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

/** Rows of cells as columns of text. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
