import { read } from './blocks.js'

export type Text = 'README.md' | 'SECURITY.md'

/** What is taken of a section: the clauses of one column of its table, its sentences without its tables, or nothing. */
type Taken = { readonly column: string } | 'sentences' | 'nothing'

/** By heading, as the whole line. */
export type Sections = Readonly<Record<string, Taken>>

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

/** Every section of a text, by its heading, without code blocks, images, comments and what a release removes. */
function sectionsOf(text: Text): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>()
  const lines = read(text)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!-- until released -->[\s\S]*?(?=<!-- when released)/g, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^!\[.*$/gm, '')
    .split('\n')
  let section: string[] = []
  for (const line of lines) {
    if (line.startsWith('#')) {
      section = []
      sections.set(line, section)
    } else section.push(line)
  }
  return sections
}

/** Runs of lines that are rows, without the line below the heading. */
function tablesOf(lines: readonly string[]): readonly (readonly string[])[] {
  const tables: string[][] = []
  lines.forEach((line, index) => {
    if (!line.startsWith('|')) return
    if (!lines[index - 1]?.startsWith('|')) tables.push([])
    if (!line.startsWith('| --')) tables.at(-1)?.push(line)
  })
  return tables
}

/** Of a section: every sentence, and every table row as its cells, joined; or every clause of one column. */
function unitsOfSection(lines: readonly string[], taken: Taken | undefined): readonly string[] {
  if (taken === 'nothing') return []
  const tables = tablesOf(lines)
  if (typeof taken === 'object') {
    return tables.flatMap(([heading = '', ...rows]) => {
      const index = cellsOf(heading).indexOf(taken.column)
      return rows.flatMap((row) => cellsOf(row)[index]?.split('; ') ?? [])
    })
  }
  const rows = tables.flatMap(([, ...body]) => body.map((row) => cellsOf(row).join(' | ')))
  // Every paragraph, and every item of a list, is one line.
  const prose = lines.filter((line) => !line.startsWith('|'))
  const sentences = prose.flatMap((line) => sentencesOf(line.replace(/^(- |\d+\. )/, '')))
  return taken === 'sentences' ? sentences : [...rows, ...sentences]
}

/**
 * Every sentence and table row of a text.
 *
 * @throws {Error} if `taken` names a section that the text does not have
 */
export function unitsOf(text: Text, taken: Sections): readonly string[] {
  const sections = sectionsOf(text)
  for (const heading of Object.keys(taken))
    if (!sections.has(heading)) throw new Error(`${text} has no line “${heading}”`)
  return [...sections].flatMap(([heading, lines]) => unitsOfSection(lines, taken[heading]))
}
