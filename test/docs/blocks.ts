import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGES, ROOT } from './compiler.js'

/** A fenced block of a Markdown file. */
export interface Block {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly code: string
}

const guides = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))

/** Every text that people read. */
export const TEXTS: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...PACKAGES.map((name) => `packages/${name}/README.md`),
  ...guides.map((file) => `docs/${file}`),
]

export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

export function blocksOf(file: string): readonly Block[] {
  const text = read(file)
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: code = '' }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      language,
      code,
    }),
  )
}
