import { createContext, runInContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createTestClock, realmClock } from '../src/test-clock.js'

it('a test clock starts at a whole second, and does not advance by itself', () => {
  const clock = createTestClock()
  expect(clock.now() % 1000).toBe(0)
  expect(clock.now()).toBe(clock.now())
  expect(createTestClock(new Date('2026-01-02T03:04:05Z')).now()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
})

it('`advance` of a test clock moves wall clock and elapsed time forward, and calls each timer at its due time', () => {
  const clock = createTestClock(0)
  const calls: [string, number][] = []
  clock.after(2000, () => calls.push(['two', clock.elapsed()]))
  clock.after(1000, () => {
    calls.push(['one', clock.elapsed()])
    clock.after(500, () => calls.push(['one and a half', clock.elapsed()]))
  })
  clock.after(9000, () => calls.push(['never', clock.elapsed()]))
  clock.after(1500, () => calls.push(['cancelled', clock.elapsed()]))()
  clock.advance(3)
  expect(calls).toEqual([
    ['one', 1000],
    ['one and a half', 1500],
    ['two', 2000],
  ])
  expect([clock.now(), clock.elapsed()]).toEqual([3000, 3000])
})

it('`set` of a test clock changes only the wall clock and calls no timer', () => {
  const clock = createTestClock(0)
  clock.after(1000, () => expect.unreachable('a timer was called'))
  clock.set(new Date(3_600_000))
  expect([clock.now(), clock.elapsed()]).toEqual([3_600_000, 0])
  clock.set(-1000)
  expect(clock.now()).toBe(-1000)
})

it('`advance` calls a timer that is due after 1.005 s, although no binary fraction equals 1.005', () => {
  const clock = createTestClock(0)
  let called = false
  clock.after(1005, () => {
    called = true
  })
  clock.advance(1.005)
  expect([called, clock.now()]).toEqual([true, 1005])
})

it('`advance` does not move the clock back if a callback has already moved the clock further', () => {
  const clock = createTestClock(0)
  clock.after(1000, () => clock.advance(10))
  clock.advance(2)
  expect([clock.now(), clock.elapsed()]).toEqual([11_000, 11_000])
})

it.each<[string, () => unknown]>([
  ['`advance` refuses a negative number', () => createTestClock(0).advance(-1)],
  ['`advance` refuses NaN', () => createTestClock(0).advance(Number.NaN)],
  ['`advance` refuses infinity', () => createTestClock(0).advance(Number.POSITIVE_INFINITY)],
  ['`createTestClock` refuses an invalid date', () => createTestClock(new Date('yesterday'))],
  ['`set` refuses an invalid date', () => createTestClock(0).set(new Date('yesterday'))],
])('%s', (_title, mistake) => {
  expect(mistake).toThrow(TypeError)
})

/** Creates a realm as Jest does for a test file, with clocks and timers that the test controls. */
function createRealm() {
  const timers = new Map<number, () => void>()
  const realm = createContext({
    performance: { now: () => 7 },
    setTimeout: (callback: () => void, milliseconds: number) => {
      timers.set(milliseconds, callback)
      return milliseconds
    },
    clearTimeout: (timer: number) => timers.delete(timer),
  })
  // The global object as seen inside the context, where the set-up file runs.
  const realmGlobal: typeof globalThis = runInContext('globalThis', realm)
  return { realmGlobal, timers, run: (code: string) => runInContext(code, realm) }
}

it('realmClock reads the realm’s clocks at each call, so that fake timers can be switched on and off', () => {
  const { realmGlobal, run } = createRealm()
  const clock = realmClock(realmGlobal)
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000)
  run('globalThis.RealDate = Date; globalThis.Date = class extends RealDate { static now() { return 42 } }')
  expect(clock.now()).toBe(42)
  expect(clock.elapsed()).toBe(7)
  run('globalThis.Date = RealDate')
  expect(clock.now()).not.toBe(42)
})

it('realmClock sets and cancels timers in the realm, including background timers', () => {
  const { realmGlobal, timers } = createRealm()
  const clock = realmClock(realmGlobal)
  let calls = 0
  clock.after(100, () => calls++)
  const cancel = clock.after(200, () => calls++, true)
  expect([...timers.keys()]).toEqual([100, 200])
  cancel()
  expect([...timers.keys()]).toEqual([100])
  timers.get(100)?.()
  expect(calls).toBe(1)
})
