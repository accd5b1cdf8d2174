import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { fetchedKeys, type KeySource, staticKeys } from '../../src/keys/key-source.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'

const ISSUER = 'https://x.no/'
const METADATA = 'https://x.no/.well-known/oauth-authorization-server'
const JWKS = { keys: [] }
const metadata = { issuer: ISSUER, jwks_uri: 'https://x.no/jwk' }

let answers: Record<string, unknown>
let asked: string[]
let signals: unknown[]

beforeEach(() => {
  answers = { [METADATA]: metadata, 'https://x.no/jwk': JWKS, 'https://x.no/moved': JWKS }
  asked = []
  signals = []
})

/** Answers by address; what has no answer is down. */
async function fetch(url: string, init: RequestInit): Promise<Response> {
  asked.push(url)
  signals.push(init.signal)
  if (!(url in answers)) throw new TypeError('fetch failed')
  return Response.json(answers[url])
}

const load = (source: KeySource) => source.fetch(new AbortController().signal)
const failureOf = (source: KeySource) =>
  load(source).then(
    () => expect.unreachable('nothing failed'),
    (error: unknown) => (error instanceof UpstreamError ? error.reason : error),
  )

describe('keys that the application gives', () => {
  it('the application’s own keys are never refreshed, and belong to one issuer', async () => {
    const source = staticKeys(ISSUER, JWKS)
    expect(source.isStatic).toBe(true)
    expect(source.issuer()).toBe(ISSUER)
    expect([ISSUER, 'https://x.no', undefined].map(source.mayHaveIssued)).toEqual([true, false, false])
    expect(await load(source)).toBe(JWKS)
  })
})

describe('keys at a known address', () => {
  it('keys at a configured address are fetched each time with the caller’s signal, and belong to one issuer', async () => {
    const source = fetchedKeys(
      { issuers: [ISSUER], metadataUrl: METADATA, endpoint: 'https://x.no/jwk' },
      createTestClock(),
      fetch,
    )
    expect(source.isStatic).toBe(false)
    expect(source.issuer()).toBe(ISSUER)
    expect([ISSUER, 'https://y.no/'].map(source.mayHaveIssued)).toEqual([true, false])
    const { signal } = new AbortController()
    expect(await source.fetch(signal)).toEqual(JWKS)
    expect(await source.fetch(signal)).toEqual(JWKS)
    expect(asked).toEqual(['https://x.no/jwk', 'https://x.no/jwk'])
    expect(signals).toEqual([signal, signal])
  })
})

describe('keys by metadata', () => {
  const DAY = 24 * 60 * 60
  let clock: TestClock
  beforeEach(() => {
    clock = createTestClock()
  })
  const source = (issuers = [ISSUER], fetchBy = fetch) =>
    fetchedKeys({ issuers, metadataUrl: METADATA, endpoint: undefined }, clock, fetchBy)

  it('keys by metadata are not static', () => {
    expect(source().isStatic).toBe(false)
  })

  it('metadata is read first, and again after a day', async () => {
    const keys = source()
    expect(await load(keys)).toEqual(JWKS)
    clock.advance(DAY - 0.001)
    await load(keys)
    expect(asked).toEqual([METADATA, 'https://x.no/jwk', 'https://x.no/jwk'])
    answers[METADATA] = { ...metadata, jwks_uri: 'https://x.no/moved' }
    clock.advance(0.001)
    await load(keys)
    expect(asked.slice(3)).toEqual([METADATA, 'https://x.no/moved'])
  })

  it('metadata is read again when a key fetch fails', async () => {
    const keys = source()
    await load(keys)
    delete answers['https://x.no/jwk']
    answers[METADATA] = { ...metadata, jwks_uri: 'https://x.no/moved' }
    expect(await failureOf(keys)).toBe('unreachable')
    expect(await load(keys)).toEqual(JWKS)
    expect(asked.slice(2)).toEqual(['https://x.no/jwk', METADATA, 'https://x.no/moved'])
  })

  it('keys are fetched from the known address when metadata cannot be read', async () => {
    const keys = source()
    await load(keys)
    delete answers[METADATA]
    clock.advance(DAY)
    expect(await failureOf(keys)).toBe('unreachable')
    expect(await load(keys)).toEqual(JWKS)
    expect(asked.slice(2)).toEqual([METADATA, 'https://x.no/jwk'])
  })

  it('metadata is read again an hour after it could not be read', async () => {
    const keys = source()
    await load(keys)
    delete answers[METADATA]
    clock.advance(DAY)
    await failureOf(keys)
    answers[METADATA] = { ...metadata, jwks_uri: 'https://x.no/moved' }
    clock.advance(3599.999)
    await load(keys)
    clock.advance(0.001)
    await load(keys)
    expect(asked.slice(3)).toEqual(['https://x.no/jwk', METADATA, 'https://x.no/moved'])
  })

  it('metadata is read again after the machine was suspended for a day', async () => {
    const keys = source()
    await load(keys)
    clock.set(clock.now() + DAY * 1000)
    answers[METADATA] = { ...metadata, jwks_uri: 'https://x.no/moved' }
    await load(keys)
    expect(asked.slice(2)).toEqual([METADATA, 'https://x.no/moved'])
  })

  it('the pause after failing metadata follows the monotonic clock alone', async () => {
    const keys = source()
    await load(keys)
    delete answers[METADATA]
    clock.set(clock.now() + DAY * 1000)
    expect(await failureOf(keys)).toBe('unreachable')
    clock.set(clock.now() + DAY * 1000)
    await load(keys)
    expect(asked.slice(2)).toEqual([METADATA, 'https://x.no/jwk'])
  })

  it('an earlier metadata document that arrives last does not replace a later one', async () => {
    let arrive: (response: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => (arrive = resolve))
    const fetches = [() => late]
    const keys = source([ISSUER], (url, init) => fetches.shift()?.() ?? fetch(url, init))
    const givenUp = new AbortController()
    const first = keys.fetch(givenUp.signal)
    givenUp.abort()
    answers[METADATA] = { ...metadata, jwks_uri: 'https://x.no/moved' }
    await load(keys)
    arrive(Response.json(metadata))
    await expect(first).rejects.toThrow(UpstreamError)
    await load(keys)
    expect(asked).toEqual([METADATA, 'https://x.no/moved', 'https://x.no/moved'])
  })

  it('metadata is read at every attempt until the address is known', async () => {
    delete answers[METADATA]
    const keys = source()
    expect([await failureOf(keys), await failureOf(keys)]).toEqual(['unreachable', 'unreachable'])
    expect(asked).toEqual([METADATA, METADATA])
  })

  it('the first metadata pins the exact issuer', async () => {
    const spellings = [ISSUER, 'https://x.no']
    const keys = source(spellings)
    expect(keys.issuer()).toBeUndefined()
    expect([...spellings, 'https://y.no/'].map(keys.mayHaveIssued)).toEqual([true, true, false])
    answers[METADATA] = { ...metadata, issuer: 'https://x.no' }
    await load(keys)
    expect(keys.issuer()).toBe('https://x.no')
    expect(spellings.map(keys.mayHaveIssued)).toEqual([false, true])
    answers[METADATA] = metadata
    clock.advance(DAY)
    expect(await failureOf(keys)).toBe('wrong_metadata')
  })

  test.each<[string, unknown]>([
    ['is null', null],
    ['is a list', [metadata]],
    ['is a text', 'https://x.no/jwk'],
    ['names no issuer', { jwks_uri: metadata.jwks_uri }],
    ['names another issuer', { ...metadata, issuer: 'https://x.no/other' }],
    ['names no address', { issuer: ISSUER }],
    ['names an address that is no text', { ...metadata, jwks_uri: [metadata.jwks_uri] }],
    ['names half an address', { ...metadata, jwks_uri: '/jwk' }],
    ['names another host', { ...metadata, jwks_uri: 'https://y.no/jwk' }],
    ['names another port', { ...metadata, jwks_uri: 'https://x.no:8443/jwk' }],
    ['names an insecure address', { ...metadata, jwks_uri: 'http://x.no/jwk' }],
    ['names an address with a user', { ...metadata, jwks_uri: 'https://u@x.no/jwk' }],
    ['names an address with a password', { ...metadata, jwks_uri: 'https://:p@x.no/jwk' }],
  ])('keys are not fetched when metadata %s', async (_title, bad) => {
    answers[METADATA] = bad
    expect(await failureOf(source())).toBe('wrong_metadata')
    expect(asked).toEqual([METADATA])
  })
})
