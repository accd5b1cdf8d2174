import { createPrivateKey, sign } from 'node:crypto'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { expect } from 'vitest'
import type { Attempt } from '../src/attempt.js'
import type { Answer } from '../src/exchange.js'
import {
  createMaskinportenClient,
  type Fetch,
  type MaskinportenClient,
  MaskinportenClientError,
  type MaskinportenClientOptions,
} from '../src/index.js'
import { readTokenResponse } from '../src/token-response.js'

export const SCOPE = 'nav:x.read'
export const OWN = '991825827'
export const CUSTOMER = '910076787'

/** The issuer of the answers that {@link refusalOf} reads. */
export const ISSUER = 'https://test.maskinporten.no/'

/** A mock with one client, and the network between them, which a test can disturb. */
export interface Kit {
  readonly clock: TestClock
  readonly mock: MockMaskinporten
  readonly options: MaskinportenClientOptions
  /** Answers each request; the mock does so by default. */
  answer: Fetch
  /** The number of requests so far, for tokens and metadata. */
  requests: number
  client(options?: MaskinportenClientOptions): MaskinportenClient
  /** A client that finds the token endpoint in metadata. */
  clientByMetadata(options?: MaskinportenClientOptions): MaskinportenClient
  /** A client that gets its tokens from Texas. */
  texasClient(options?: MaskinportenClientOptions): MaskinportenClient
}

/** The tests of a file share a mock, because making keys is slow. Each test has its own client. */
let shared: ReturnType<typeof makeShared> | undefined

async function makeShared() {
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
}

export async function createKit(): Promise<Kit> {
  shared ??= makeShared()
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
      // Sign synchronously, so that only the clock and the network take time.
      key: { sign: (data) => sign('sha256', data, privateKey), keyId: registered.jwk?.kid ?? '' },
      clock,
      random: () => 0.5,
      fetch: (input, init) => {
        kit.requests++
        return kit.answer(input, init)
      },
    },
    client: (options = {}) => createMaskinportenClient({ ...kit.options, ...options }),
    texasClient(options = {}) {
      const { random, fetch } = kit.options
      const texas = 'http://127.0.0.1:7164/api/v1/token'
      return createMaskinportenClient({ texas, ...(fetch && random && { clock, random, fetch }), ...options })
    },
    clientByMetadata(options = {}) {
      const { tokenEndpoint: _tokenEndpoint, ...others } = kit.options
      return createMaskinportenClient({ ...others, ...options })
    },
  }
  return kit
}

/** Returns a token response with the token `x`. */
export const issued = (members: object = {}): Response =>
  Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60, ...members })

/** Returns a token response without using the mock. The text of its token is the time at which it expires. */
export function canned(clock: TestClock, lifetime = 120): Response {
  return issued({ access_token: String(clock.now() / 1000 + lifetime), expires_in: lifetime })
}

export const never = () => new Promise<never>(() => undefined)

export const attempt = (signal = new AbortController().signal): Attempt => ({ signal, waitsFor: 'answer' })

/** Runs everything that is due, without advancing the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Advances the clock in small steps, so that timers set on the way also fire. */
export async function pass(clock: TestClock, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 10; step++) {
    await settle()
    clock.advance(0.1)
  }
  await settle()
}

/** Returns the error that reading an answer throws. @param issuer null for Texas */
export function refusalOf(
  { status = 400, body, retryAfter }: Partial<Answer>,
  issuer: string | null = ISSUER,
): MaskinportenClientError {
  try {
    readTokenResponse({ status, body, retryAfter }, issuer ?? undefined)
  } catch (error) {
    if (error instanceof MaskinportenClientError) return error
    throw error
  }
  return expect.unreachable('the answer was a token')
}

/** Returns what a function throws, or undefined if it returns. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** Returns the error with which the client rejects. Fails the test for any other outcome. */
export async function errorOf(work: Promise<unknown>): Promise<MaskinportenClientError> {
  const outcome = await work.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
  if (outcome instanceof MaskinportenClientError) return outcome
  throw new Error('the client rejected with a foreign error', { cause: outcome })
}
