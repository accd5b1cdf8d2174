import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, beforeEach, expect } from 'vitest'
import type { MaskinportenValidatorOptions } from '../src/config/validator-options.js'
import type { DecisionEvent } from '../src/decision/event.js'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../src/validator.js'
import { CONSENT } from './sample-tokens.js'

export const READ = 'nav:x.read'
export const TEXAS = 'http://127.0.0.1:3000/api/v1/introspect'
export const PID = '01010199999'
export const OTHER_PID = '01010199998'
export const NAV = { authority: 'iso6523-actorid-upis', ID: '0192:889640782' }

export const clock = createTestClock()
export let mock: MockMaskinporten
/** The mock of another issuer. Validators for `mock` do not know its keys. */
export let stranger: MockMaskinporten
/** The events of the current test. */
export const events: DecisionEvent[] = []
export const lastEvent = (): DecisionEvent => events.at(-1) ?? expect.unreachable('no event')

/** Creates new mocks for a test file, and empties the list of events before each test. */
export function useWorld(): void {
  beforeAll(async () => {
    await newMock()
    stranger = await createMockMaskinporten({ clock, issuer: 'https://elsewhere.example/' })
  })
  beforeEach(() => {
    events.length = 0
  })
}

/** Replaces the mock with a new one, which has new keys and counters. */
export async function newMock(): Promise<void> {
  mock = await createMockMaskinporten({ clock })
}

const listen = (event: DecisionEvent) => void events.push(event)

export function validator(options: MaskinportenValidatorOptions = {}): MaskinportenValidator {
  const issuer = 'environment' in options ? {} : { issuer: mock.issuer }
  const parts = { fetch: mock.fetch, clock, random: () => 0.5, onDecision: listen }
  return createMaskinportenValidator({ ...issuer, ...parts, ...options })
}

export function texasValidator(options: TexasValidatorOptions = {}): MaskinportenValidator {
  const parts = { environment: 'test', jwks: mock.jwks(), introspectionEndpoint: TEXAS } as const
  return createTexasValidator({ ...parts, clock, onDecision: listen, ...options })
}

export const readToken = (options: object = {}) => mock.issueToken({ scope: READ, ...options })
/** Returns the value of an `Authorization` header with a new token. */
export const bearer = async (options?: object) => `Bearer ${await readToken(options)}`

/** A token with the claims of one token and the signature of another. */
export async function forgedToken(options?: object): Promise<string> {
  const [header, payload] = (await readToken(options)).split('.')
  const [, , signature] = (await readToken()).split('.')
  return [header, payload, signature].join('.')
}

export const consent = (validTo = '2999-01-01T00:00:00Z', to = NAV) => {
  return { ...CONSENT, from: `urn:altinn:person:identifier-no:${PID}`, to, validTo }
}
