import { createPrivateKey, sign } from 'node:crypto'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { expect } from 'vitest'
import type { Attempt } from '../src/attempt.js'
import {
  createMaskinportenClient,
  type Fetch,
  type MaskinportenClient,
  MaskinportenClientError,
  type MaskinportenClientOptions,
} from '../src/index.js'

export const SCOPE = 'nav:x.read'
export const OWN = '991825827'
export const CUSTOMER = '910076787'

/** A mock with one client, and a network between them that a test can break. */
export interface Kit {
  readonly clock: TestClock
  readonly mock: MockMaskinporten
  readonly options: MaskinportenClientOptions
  /** What answers a request; the mock, until a test says otherwise. */
  answer: Fetch
  /** The token requests so far. */
  requests: number
  client(options?: MaskinportenClientOptions): MaskinportenClient
}

/** Keys take long to make, so the tests of a file share a Maskinporten; the client of each is its own. */
const shared = (async () => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({
    clock,
    scopes: [
      { name: SCOPE },
      { name: 'nav:short', maxAge: 30 },
      { name: 'nav:minute', maxAge: 60 },
      { name: 'nav:others', consumers: ['889640782'] },
    ],
  })
  const registered = await mock.addClient({
    organisationNumber: OWN,
    scopes: [SCOPE, 'nav:short', 'nav:minute', 'nav:others'],
    delegations: [{ consumer: CUSTOMER, scopes: [SCOPE] }],
  })
  return { clock, mock, registered }
})()

export async function createKit(): Promise<Kit> {
  const { clock, mock, registered } = await shared
  const privateKey = createPrivateKey({ key: { ...registered.jwk }, format: 'jwk' })
  const kit: Kit = {
    clock,
    mock,
    answer: (input, init) => mock.fetch(input, init),
    requests: 0,
    options: {
      issuer: mock.issuer,
      tokenEndpoint: `${mock.issuer}token`,
      clientId: registered.clientId,
      // Signs at once, so that nothing but the clock and the network takes time.
      key: { sign: (data) => sign('sha256', data, privateKey), keyId: registered.jwk?.kid ?? '' },
      clock,
      random: () => 0.5,
      fetch: (input, init) => {
        kit.requests++
        return kit.answer(input, init)
      },
    },
    client: (options = {}) => createMaskinportenClient({ ...kit.options, ...options }),
  }
  return kit
}

/** A token response that costs nothing; the token says when it expires. */
export function canned(clock: TestClock, lifetime = 120): Response {
  const expiresAt = String(clock.now() / 1000 + lifetime)
  return Response.json({ access_token: expiresAt, token_type: 'Bearer', expires_in: lifetime })
}

/** An attempt without a deadline. */
export const attempt = (): Attempt => ({ signal: new AbortController().signal, waitsFor: 'answer' })

/** Lets everything that is due happen, without the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets time pass in small steps, so that timers which are set on the way also fire. */
export async function pass(clock: TestClock, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 10; step++) {
    await settle()
    clock.advance(0.1)
  }
  await settle()
}

/** The error with which the client rejects; anything else than its own error fails the test. */
export async function errorOf(work: Promise<unknown>): Promise<MaskinportenClientError> {
  const outcome = await work.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
  if (outcome instanceof MaskinportenClientError) return outcome
  throw new Error('the client rejected with a foreign error', { cause: outcome })
}
