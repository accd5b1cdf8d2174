import { createContext, runInContext } from 'node:vm'
import { expect, it, test } from 'vitest'
import { createTestClock, realmClock } from '../src/test-clock.js'

it('stands still on a whole second until it is moved', () => {
  const clock = createTestClock()
  expect(clock.now() % 1000).toBe(0)
  expect(clock.now()).toBe(clock.now())
  expect(createTestClock(new Date('2026-01-02T03:04:05Z')).now()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
})

it('moves both clocks on, and calls what falls due, in its order and at its time', () => {
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

it('is set as the system’s time is: the wall clock steps, and nothing falls due', () => {
  const clock = createTestClock(0)
  clock.after(1000, () => expect.unreachable('a timer was called'))
  clock.set(new Date(3_600_000))
  expect([clock.now(), clock.elapsed()]).toEqual([3_600_000, 0])
  clock.set(-1000)
  expect(clock.now()).toBe(-1000)
})

it('calls what falls due on a fraction of a second, which no binary number holds', () => {
  const clock = createTestClock(0)
  let called = false
  clock.after(1005, () => {
    called = true
  })
  clock.advance(1.005)
  expect([called, clock.now()]).toEqual([true, 1005])
})

it('does not go back when a callback has moved it further', () => {
  const clock = createTestClock(0)
  clock.after(1000, () => clock.advance(10))
  clock.advance(2)
  expect([clock.now(), clock.elapsed()]).toEqual([11_000, 11_000])
})

test.each<[string, () => unknown]>([
  ['a negative step', () => createTestClock(0).advance(-1)],
  ['a step that is no number', () => createTestClock(0).advance(Number.NaN)],
  ['an endless step', () => createTestClock(0).advance(Number.POSITIVE_INFINITY)],
  ['a start that is no date', () => createTestClock(new Date('yesterday'))],
  ['a setting that is no date', () => createTestClock(0).set(new Date('yesterday'))],
])('refuses %s', (_title, mistake) => {
  expect(mistake).toThrow(TypeError)
})

/** A realm as Jest makes one for a test file, with time at a standstill until it is replaced. */
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
  // The global object inside the context, as the set-up file sees it.
  const realmGlobal: typeof globalThis = runInContext('globalThis', realm)
  return { realmGlobal, timers, run: (code: string) => runInContext(code, realm) }
}

it('realmClock reads the realm’s clocks at each call, so that fake timers may come and go', () => {
  const { realmGlobal, run } = createRealm()
  const clock = realmClock(realmGlobal)
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000)
  run('globalThis.RealDate = Date; globalThis.Date = class extends RealDate { static now() { return 42 } }')
  expect(clock.now()).toBe(42)
  expect(clock.elapsed()).toBe(7)
  run('globalThis.Date = RealDate')
  expect(clock.now()).not.toBe(42)
})

it('realmClock sets timers in the realm, in the background too, and cancels them there', () => {
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
