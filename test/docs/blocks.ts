import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fencesOf } from './fences.mjs'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const PACKAGES: readonly string[] = readdirSync(join(ROOT, 'packages')).sort()

/** A fenced block of a Markdown file. */
export interface Block {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly code: string
}

const guides = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))

/** The Markdown files for readers: the root's, each package's README.md and the guides. */
export const TEXTS: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...PACKAGES.map((name) => `packages/${name}/README.md`),
  ...guides.map((file) => `docs/${file}`),
  'docs/no/README.md',
]

export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

export function blocksOf(file: string): readonly Block[] {
  return fencesOf(read(file)).map((fence) => ({ file, ...fence }))
}
