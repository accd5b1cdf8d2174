import { createPrivateKey, sign } from 'node:crypto'
import { createMockMaskinporten, createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect } from 'vitest'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import type { Attempt } from '../src/attempt.js'
import type { Answer } from '../src/exchange.js'
import {
  createMaskinportenClient,
  type Fetch,
  MaskinportenClientError,
  type MaskinportenClientErrorDetails,
  type MaskinportenClientOptions,
} from '../src/index.js'
import { readTokenResponse } from '../src/token-response.js'

export const SCOPE = 'nav:x.read'
export const OWN = '991825827'
export const CUSTOMER = '910076787'

/** The issuer of the answers that {@link refusalOf} reads. */
export const ISSUER = 'https://test.maskinporten.no/'

/** The path at which Altinn exchanges tokens. */
const EXCHANGE = '/authentication/api/v1/exchange/maskinporten'
const TEXAS = 'http://127.0.0.1:7164/api/v1/token'

/** The tests of a file share a mock, because making keys is slow. Each test has its own client. */
let shared: ReturnType<typeof makeShared> | undefined

async function makeShared() {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({
    clock,
    scopes: [{ name: SCOPE }, { name: 'nav:others', consumers: ['889640782'] }],
  })
  const registered = await mock.addClient({
    organisationNumber: OWN,
    scopes: [SCOPE, 'nav:others'],
    delegations: [{ consumer: CUSTOMER, scopes: [SCOPE] }],
  })
  const { clientId, jwk = {}, env } = registered
  const privateKey = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const keyId = jwk.kid ?? ''
  // Sign synchronously, so that only the clock and the network take time.
  const key = { sign: (data: Uint8Array) => sign('sha256', data, privateKey), keyId }
  return { clock, mock, jwk, env, privateKey, identity: { issuer: mock.issuer, clientId, key } }
}

/** A mock with one client, and the network between them, which a test can disturb. */
export let kit: Awaited<ReturnType<typeof createKit>>

/** Creates a new kit before each test of the file. */
export function useKit(): void {
  beforeEach(async () => {
    kit = await createKit()
  })
}

export async function createKit() {
  shared ??= makeShared()
  const world = await shared
  const { clock, mock, identity } = world
  // Tokens have times in whole seconds.
  clock.set(Math.ceil(clock.now() / 1000) * 1000)
  const toMock: Fetch = (input, init) => mock.fetch(input, init)
  const exchanges: { url: string; init: RequestInit | undefined; token: string }[] = []
  const tokenRequests: string[] = []
  const fetch: Fetch = (input, init) => {
    kit.requests++
    const url = String(input)
    if (new URL(url).pathname === EXCHANGE) {
      exchanges.push({ url, init, token: tokenIn(init) })
      return kit.altinn(input, init)
    }
    if (url !== TEXAS && !url.startsWith(mock.issuer)) return kit.api(input, init)
    tokenRequests.push(String(init?.body))
    return kit.answer(input, init)
  }
  const network = { clock, random: () => 0.5, fetch }
  const kit = {
    ...world,
    network,
    /** Answers requests for tokens and metadata; the mock does so by default. */
    answer: toMock,
    /** Answers exchanges at Altinn; the mock does so by default. */
    altinn: toMock,
    /** Answers calls of APIs. */
    api: (async () => new Response()) as Fetch,
    /** The number of requests so far, of every kind. */
    requests: 0,
    /** The bodies of the requests for tokens and metadata so far. */
    tokenRequests,
    exchanges,
    client: (options: MaskinportenClientOptions = {}) =>
      kit.clientByMetadata({ tokenEndpoint: `${mock.issuer}token`, ...options }),
    /** A client that finds the token endpoint in metadata. */
    clientByMetadata: (options: MaskinportenClientOptions = {}) =>
      createMaskinportenClient({ ...identity, ...network, ...options }),
    /** A client that gets its tokens from Texas. */
    texasClient: (options: MaskinportenClientOptions = {}) =>
      createMaskinportenClient({ texas: TEXAS, ...network, ...options }),
    /** Returns a `fetch` with tokens of a new client, for an API that answers with `api`. */
    callTo(api: Fetch): Fetch {
      kit.api = api
      return kit.client().fetch({ scope: SCOPE })
    },
  }
  return kit
}

/** Returns the token in the Authorization header of a request. */
export const tokenIn = (init: RequestInit | undefined): string =>
  new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? ''

/** Returns a token response with the token `x`. */
export const issued = (members: object = {}): Response =>
  Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60, ...members })

/**
 * Returns an unsigned token in Altinn's form, which was issued 1800 seconds before its expiry.
 *
 * @param claims other claims; `undefined` removes one
 */
export function tokenThatExpires(clock: TestClock, inSeconds: number, claims: object = {}): string {
  const exp = clock.now() / 1000 + inSeconds
  const parts = [{ alg: 'RS256' }, { iat: exp - 1800, exp, ...claims }]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'x'].join('.')
}

/** Returns the client's error for an outage. */
export const outage = (retryAfter?: number) =>
  new MaskinportenClientError('unavailable', { hint: HINT, retryable: true, retryAfter })

/** Returns the client's error for a rejected token request. */
export const rejection = (details: Omit<MaskinportenClientErrorDetails, 'hint'> = {}) =>
  new MaskinportenClientError('request_rejected', { hint: HINT, ...details })

const HINT = { cause: 'x', fix: 'y' }

/** Returns a clock whose monotonic time is not 0. */
export function startedClock(): TestClock {
  const clock = createTestClock()
  clock.advance(1_000_000)
  return clock
}

export const attempt = (signal = new AbortController().signal): Attempt => ({
  signal,
  inBackground: false,
  waitsFor: 'answer',
})

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

/** Returns the error with which the client rejects. Fails the test for any other outcome. */
export async function errorOf(work: Promise<unknown>): Promise<MaskinportenClientError> {
  const outcome = await work.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
  if (outcome instanceof MaskinportenClientError) return outcome
  throw new Error('the client rejected with a foreign error', { cause: outcome })
}

/** Returns the message of the TypeError for a rejected key. Checks that the error shows none of the secrets. */
export function rejectionOf(take: () => unknown, ...secrets: string[]): string {
  const scanner = new LeakScanner()
  for (const secret of secrets) scanner.guard(secret)
  scanner.guardWhole('hemmelig')
  try {
    take()
  } catch (thrown) {
    expect(scanner.findIn(everythingShownOf(thrown))).toEqual([])
    if (thrown instanceof TypeError) return thrown.message
    throw thrown
  }
  return expect.unreachable('the key was accepted')
}
