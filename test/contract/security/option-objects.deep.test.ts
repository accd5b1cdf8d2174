import { describe, expect, test } from 'vitest'
import { CLIENT_LISTS, CLIENT_TAKERS } from './options/clients.js'
import { GUARD_LISTS, GUARD_TAKERS } from './options/guards.js'
import { MOCK_LISTS, MOCK_TAKERS } from './options/mocks.js'
import {
  ACCEPTED,
  ACCEPTED_BY_NAME,
  ACCEPTED_LISTS,
  INSTANCES,
  LOSING,
  LOSING_BY_NAME,
  REJECTED_LISTS,
  recorded,
} from './options/shapes.js'
import { type ListTaker, listsOf, type Taker } from './options/takers.js'

/** Returns the error that a function throws or rejects with, or undefined if it accepts the object. */
async function mistakeOf({ take }: Pick<Taker, 'take'>, given: unknown): Promise<unknown> {
  try {
    await take(given as never)
    return undefined
  } catch (error) {
    return error
  }
}

const TAKERS: readonly Taker[] = [...GUARD_TAKERS, ...CLIENT_TAKERS, ...MOCK_TAKERS]
const LISTS: readonly ListTaker[] = [
  ...TAKERS.flatMap(listsOf),
  ...GUARD_LISTS,
  ...CLIENT_LISTS,
  ...MOCK_LISTS,
]

describe.each(TAKERS)('$title', (taker) => {
  const { title, members, isRecord } = taker
  const accepted = Object.entries(isRecord ? ACCEPTED : { ...ACCEPTED, ...ACCEPTED_BY_NAME })
  const losing = Object.entries(isRecord ? LOSING : { ...LOSING, ...LOSING_BY_NAME })

  test.each(accepted)(`${title} accepts %s`, async (_title, shape) => {
    expect(await mistakeOf(taker, await shape(members))).toBeUndefined()
  })

  test.each(losing)(`${title} throws for a member that %s`, async (_title, shape) => {
    for (const name of Object.keys(members)) {
      const mistake = await mistakeOf(taker, shape(members, name))
      expect(mistake, name).toBeInstanceOf(TypeError)
      expect(String(mistake)).toContain('Copy its members into a plain object')
      if (!isRecord) expect(String(mistake)).toContain(`\`${name}\``)
    }
  })

  test.each(Object.entries(INSTANCES))(`${title} throws for %s`, async (_title, shape) => {
    const mistake = await mistakeOf(taker, shape(members))
    expect(mistake).toBeInstanceOf(TypeError)
    expect(String(mistake)).toContain('Copy its members into a plain object')
  })
})

describe.each(LISTS)('the list $title', (taker) => {
  const { title, entries } = taker

  test.each(Object.entries(ACCEPTED_LISTS))(`the list ${title} accepts %s`, async (_title, shape) => {
    expect(await mistakeOf(taker, shape(entries))).toBeUndefined()
  })

  test.each(Object.entries(REJECTED_LISTS))(`the list ${title} throws for %s`, async (_title, shape) => {
    expect(await mistakeOf(taker, shape(entries))).toBeInstanceOf(TypeError)
  })

  test(`the list ${title} is read once, by index`, async () => {
    const { given, reads } = recorded(entries)
    expect(await mistakeOf(taker, given)).toBeUndefined()
    expect(reads).toEqual(['length', ...Object.keys(entries)])
  })
})
