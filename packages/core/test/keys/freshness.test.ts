import { expect, it } from 'vitest'
import { keyStage, nextStep } from '../../src/keys/freshness.js'
import { KEY_OPTIONS } from '../key-world.js'

it.each([
  [0, 'fresh'],
  [599.999, 'fresh'],
  [600, 'stale'],
  [900, 'stale'],
  [900.001, 'overdue'],
  [86_400, 'overdue'],
  [86_400.001, 'expired'],
  // As from a broken clock.
  [Number.NaN, 'expired'],
])('keys whose fetch began %f s ago are %s', (age, stage) => {
  expect(keyStage(age, 600, KEY_OPTIONS)).toBe(stage)
})

it('`staleWhileRevalidate` and `staleIfError` count from `maxAge` (RFC 5861), whatever its jitter', () => {
  const options = { ...KEY_OPTIONS, maxAge: 60, staleWhileRevalidate: 5, staleIfError: 120 }
  const stages = [53, 54, 65, 66, 180, 181].map((age) => keyStage(age, 54, options))
  expect(stages).toEqual(['fresh', 'stale', 'stale', 'overdue', 'overdue', 'expired'])
  expect([65, 66].map((age) => keyStage(age, 66, options))).toEqual(['fresh', 'overdue'])
})

it.each([
  ['fresh', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'use'],
  ['stale', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'refresh'],
  ['stale', { isInFlight: true, hasFailed: false, isRetryDue: true }, 'use'],
  ['stale', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'use'],
  ['overdue', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'wait'],
  ['overdue', { isInFlight: true, hasFailed: false, isRetryDue: true }, 'wait'],
  ['overdue', { isInFlight: true, hasFailed: true, isRetryDue: true }, 'use'],
  ['overdue', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'use'],
  ['overdue', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'refresh'],
  ['expired', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'wait'],
  ['expired', { isInFlight: true, hasFailed: true, isRetryDue: false }, 'wait'],
  ['expired', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'give_up'],
] as const)('nextStep for %s keys and the attempt state %j returns: %s', (stage, attempts, expected) => {
  expect(nextStep(stage, attempts)).toBe(expected)
})
