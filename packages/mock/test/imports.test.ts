import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/**
 * The mock's folders, one for each party that it plays. A folder imports only from itself and from earlier
 * ones.
 */
const PARTIES = [
  ...['certificates', 'altinn', 'registry', 'maskinporten', 'texas', 'faults', 'nais'],
  ...['bad-tokens', 'api-check', 'control'],
]
/** The files outside the folders that a folder may import. */
const SHARED = ['mock-interface', 'organisation-claim']

const foldersOf = (path: string) =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

it('the mock has a folder for each party that it plays', () => {
  expect(foldersOf(SRC).sort()).toEqual(PARTIES.toSorted())
})

test.each(PARTIES)('the folder %s of the mock imports only from earlier folders', (party) => {
  const allowed = [...PARTIES.slice(0, PARTIES.indexOf(party)), ...SHARED]
  const files = readdirSync(join(SRC, party))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    const source = readFileSync(join(SRC, party, file), 'utf8')
    for (const [, imported = ''] of source.matchAll(/(?:from |import\()'\.\.\/([\w-]+)/g))
      expect(allowed, `${party}/${file} imports ${imported}`).toContain(imported)
  }
})

test('the folders of the mock’s tests match those of its source', () => {
  for (const folder of foldersOf(join(SRC, '../test'))) expect(PARTIES).toContain(folder)
})
