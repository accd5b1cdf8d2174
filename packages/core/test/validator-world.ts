import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, beforeEach } from 'vitest'
import type { MaskinportenValidatorOptions } from '../src/config/validator-options.js'
import type { DecisionEvent } from '../src/decision/event.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../src/validator.js'

export const READ = 'nav:x.read'

export const clock = createTestClock()
export let mock: MockMaskinporten
/** The events of the current test. */
export const events: DecisionEvent[] = []

beforeAll(newMock)
beforeEach(() => {
  events.length = 0
})

/** Replaces the mock by one whose keys and counters no other test has touched. */
export async function newMock(): Promise<void> {
  mock = await createMockMaskinporten({ clock })
}

export function validator(options: MaskinportenValidatorOptions = {}): MaskinportenValidator {
  return createMaskinportenValidator({
    issuer: mock.issuer,
    fetch: mock.fetch,
    clock,
    random: () => 0.5,
    onDecision: (event) => events.push(event),
    ...options,
  })
}

export const readToken = (options: object = {}) => mock.issueToken({ scope: READ, ...options })
