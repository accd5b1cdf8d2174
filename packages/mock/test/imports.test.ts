import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/**
 * The mock's folders, in the order of imports: a folder imports only from itself and from earlier folders.
 */
const PARTIES = [
  ...['certificates', 'altinn', 'registry', 'maskinporten', 'texas', 'faults', 'nais'],
  ...['bad-tokens', 'api-check', 'control'],
]
/** The files outside the folders that every folder may import. */
const SHARED = ['mock-interface', 'organisation-claim', 'text-options']

const entries = readdirSync(SRC, { withFileTypes: true })
const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)

it.each(folders)('the mock folder %s imports only shared files and folders of lower layers', (folder) => {
  expect(PARTIES).toContain(folder)
  const allowed = [...PARTIES.slice(0, PARTIES.indexOf(folder)), ...SHARED]
  for (const file of readdirSync(join(SRC, folder))) {
    const source = readFileSync(join(SRC, folder, file), 'utf8')
    for (const [, imported = ''] of source.matchAll(/(?:from |import\()'\.\.\/([\w-]+)/g))
      expect(allowed, `${folder}/${file} imports ${imported}`).toContain(imported)
  }
})
