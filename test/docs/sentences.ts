import { read } from './blocks.js'

export type Text = 'README.md' | 'SECURITY.md'

/** A section of a text. */
export interface Part {
  readonly text: Text
  /** The whole line. The section ends at the next heading. */
  readonly heading: string
  /** Takes only the clauses of the table column with this heading. */
  readonly column?: string
  /** Leaves tables out, because another test checks them. */
  readonly noTables?: true
}

const joined = (text: string) => text.replace(/\s+/g, ' ').trim()
const cellsOf = (row: string) => row.split('|').slice(1, -1).map(joined)

/** A sentence ends at a full stop outside of code, before a capital letter, code, a link or emphasis. */
export function sentencesOf(paragraph: string): readonly string[] {
  const codes: string[] = []
  const plain = joined(paragraph).replace(/`[^`]*`/g, (code) => `<${codes.push(code) - 1}>`)
  return plain
    .split(/(?<=[.!?][)_”]?) (?=[“([_*]*[\p{Lu}<])/u)
    .map((sentence) => sentence.replace(/<(\d+)>/g, (_, index: string) => codes[Number(index)] ?? ''))
    .filter((sentence) => sentence !== '')
}

function unitsOfTable([heading = '', , ...rows]: readonly string[], column?: string): readonly string[] {
  if (column === undefined) return rows.map((row) => cellsOf(row).join(' | '))
  const index = cellsOf(heading).indexOf(column)
  return rows.flatMap((row) => cellsOf(row)[index]?.split('; ') ?? [])
}

/** The lines of a section, without code blocks, comments and images. */
function linesOf({ text, heading }: Part): readonly string[] {
  const lines = read(text)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^!\[.*$/gm, '')
    .split('\n')
  const start = lines.indexOf(heading)
  if (start < 0) throw new Error(`${text} has no line “${heading}”`)
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('#'))
  return end < 0 ? rest : rest.slice(0, end)
}

/** Every sentence and table row of a section, or every clause of its column. A table row has its cells, joined. */
export function unitsOf(part: Part): readonly string[] {
  const lines = linesOf(part)
  const table = lines.filter((line) => line.startsWith('|'))
  const rows = tablesOf(lines).flatMap((one) => unitsOfTable(one, part.column))
  if (part.column !== undefined) return rows
  // Every paragraph, and every item of a list, is one line.
  const prose = lines.filter((line) => !table.includes(line))
  const sentences = prose.flatMap((line) => sentencesOf(line.replace(/^(- |\d+\. )/, '')))
  return part.noTables ? sentences : [...rows, ...sentences]
}

/** Runs of lines that are rows. */
function tablesOf(lines: readonly string[]): readonly (readonly string[])[] {
  return lines
    .map((line) => (line.startsWith('|') ? line : ''))
    .join('\n')
    .split(/\n{2,}/)
    .map((rows) => rows.trim().split('\n'))
    .filter(([first]) => first !== '')
}
