import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { read } from '../../docs/blocks.js'
import { rowsOf } from '../../docs/table.js'
import { ATTACKS } from './attacks/index.js'
import { CONTROLS } from './controls.js'

const SIZES = { S: 19, D: 7, C: 12, H: 12, J: 16, K: 10 }

const CATALOGUE = Object.entries(SIZES).flatMap(([letter, size]) =>
  Array.from({ length: size }, (_, index) => `${letter}${`${index + 1}`.padStart(2, '0')}`),
)

/** The attack ids in the titles of tests that are not in the tables of attacks. */
function idsOfTests(): string[] {
  return ['./', '../faults/'].flatMap((folder) => {
    const url = new URL(folder, import.meta.url)
    const tests = readdirSync(url).filter(
      (file) => file.endsWith('.test.ts') && !/^(advisories|catalogue)/.test(file),
    )
    return tests.flatMap((file) =>
      [...readFileSync(new URL(file, url), 'utf8').matchAll(/['`]([SDCHJK]\d\d) /g)].map(([, id = '']) => id),
    )
  })
}

const covered = new Set([...CONTROLS.map(({ id }) => id), ...ATTACKS.map(({ id }) => id), ...idsOfTests()])
/** The ids in README.md's table of ids without a case. */
const excused = rowsOf(read('test/contract/security/README.md'), 'id').map(([id = '']) => id)

it('every id in the catalogue of attacks has a test case, or a reason for its absence in README.md', () => {
  expect(CATALOGUE.filter((id) => !covered.has(id) && !excused.includes(id))).toEqual([])
})

it('every attack id with a test case or a reason in README.md is in the catalogue, and no id has both', () => {
  expect(excused.filter((id) => covered.has(id) || !CATALOGUE.includes(id))).toEqual([])
  expect([...covered].filter((id) => !CATALOGUE.includes(id))).toEqual([])
})
