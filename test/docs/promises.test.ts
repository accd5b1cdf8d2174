import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './compiler.js'
import type { Case } from './promises/case.js'
import { PROMISES } from './promises.js'
import { sentencesOf, unitsOf } from './sentences.js'
import { textsIn, titlesIn } from './titles.js'

const TEST_FILE = /^((packages\/\w+\/)?test\/.*\.test\.ts|test\/packaging\/\w+\.case\.ts)$/
/** Tables of cases, and the test files that run them. */
const TABLES: readonly [table: RegExp, runner: string][] = [
  [/^test\/conformance\/cases\/\w+\.ts$/, 'test/conformance/conformance.test.ts'],
  [/^test\/security\/(attacks\/\w+|controls)\.ts$/, 'test/security/attacks.test.ts'],
  [/^test\/security\/scenarios\.ts$/, 'test/security/scenarios.test.ts'],
]

const titles = new Map<string, ReturnType<typeof titlesIn>>()
const texts = new Map<string, readonly string[]>()

function cached<T>(map: Map<string, T>, file: string, load: (file: string) => T): T {
  const known = map.get(file) ?? load(file)
  map.set(file, known)
  return known
}

/** Why a case does not exist or does not run, or undefined. */
function faultOf({ file, title }: Case): string | undefined {
  if (!existsSync(join(ROOT, file))) return 'the file does not exist'
  const runner = TABLES.find(([table]) => table.test(file))?.[1]
  if (runner !== undefined) {
    if (!cached(texts, file, textsIn).includes(title)) return 'the table has no case with exactly this title'
    return cached(titles, runner, titlesIn).some(({ isSkipped }) => isSkipped) ? `${runner} skips` : undefined
  }
  if (!TEST_FILE.test(file)) return 'the file is not a test file, nor a table that one runs'
  const found = cached(titles, file, titlesIn).filter(({ path }) => path.includes(title))
  if (found.length === 0) return 'the file has no case with this title'
  return found.some(({ isSkipped }) => isSkipped) ? 'the case is skipped' : undefined
}

describe.each(PROMISES)('$text', ({ text, sections, promises, nothing }) => {
  const units = unitsOf(text, sections)
  const listed = [...promises.map(({ sentence }) => sentence), ...nothing]

  it('has a case for every promise', () => {
    const missing = units.filter((unit) => !listed.includes(unit))
    const advice =
      'Each of these sentences, clauses or table rows promises something that no case shows. ' +
      'Write a case and name it in test/docs/promises, or take the sentence back. ' +
      'If it promises nothing (a pointer, a definition), list it under `nothing` in test/docs/promises.ts.'
    expect(missing, advice).toEqual([])
  })

  it('contains every promise that is listed', () => {
    const advice = `These sentences are listed in test/docs/promises and are not in ${text}. Correct or remove them.`
    expect(
      listed.filter((sentence) => !units.includes(sentence)),
      advice,
    ).toEqual([])
    expect(
      listed.filter((sentence, index) => listed.indexOf(sentence) !== index),
      'listed twice',
    ).toEqual([])
  })

  it('names cases that exist and are not skipped', () => {
    const faults = promises.flatMap(({ sentence, cases }) => {
      if (cases.length === 0) return [`“${sentence}” names no case`]
      return cases.flatMap((one) => {
        const fault = faultOf(one)
        return fault === undefined ? [] : [`${one.file}, “${one.title}”: ${fault}`]
      })
    })
    expect(faults).toEqual([])
  })
})

it('a text is split at the ends of sentences, and not within code', () => {
  expect(
    sentencesOf('It is 401. `a()` says “Done.” (See [b](c.md).) So x. y, i.e. z; `No. Stop.` ends.'),
  ).toEqual(['It is 401.', '`a()` says “Done.”', '(See [b](c.md).)', 'So x. y, i.e. z; `No. Stop.` ends.'])
})
