import { createContext, runInContext } from 'node:vm'
import { expect, it } from 'vitest'
import { realmClock } from '../src/realm-clock.js'

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

it('reads the realm’s clocks at each call, so that fake timers may come and go', () => {
  const { realmGlobal, run } = createRealm()
  const clock = realmClock(realmGlobal)
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000)
  run('globalThis.RealDate = Date; globalThis.Date = class extends RealDate { static now() { return 42 } }')
  expect(clock.now()).toBe(42)
  expect(clock.elapsed()).toBe(7)
  run('globalThis.Date = RealDate')
  expect(clock.now()).not.toBe(42)
})

it('sets timers in the realm, in the background too, and cancels them there', () => {
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
