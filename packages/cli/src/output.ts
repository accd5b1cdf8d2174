import { safeCause } from '@portvakt/core/internal'
import { withoutSecrets } from './without-secrets.js'

// Results go to standard output, and everything else to standard error.

export function print(text: string): void {
  write(process.stdout, `${withoutControls(text)}\n`)
}

export function note(text: string): void {
  write(process.stderr, `${withoutControls(withoutSecrets(text))}\n`)
}

export function printJson(value: unknown): void {
  write(process.stdout, `${JSON.stringify(value, undefined, 2).replace(CONTROLS, escaped)}\n`)
}

/**
 * Writes text that exists nowhere else, such as a new key, to standard output. The promise rejects if the text
 * cannot be written.
 */
export function printed(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

// The callback of each write handles its error. Without a listener, Node would throw the error as well.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

/**
 * Ends the process if the text cannot be written. When the reader has closed the pipe, ends it quietly with
 * 141, which a shell reports for a program that SIGPIPE ended (Node ignores that signal). The exit code is not
 * 0, because the verdict of a report that was cut off may be missing.
 */
function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text, (error) => {
    if (!error) return
    const { code } = safeCause(error)
    if (code === 'EPIPE') process.exit(141)
    if (stream === process.stderr) process.exit(1)
    process.stderr.write(`portvakt: standard output cannot be written (${code})\n`, () => process.exit(1))
  })
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
