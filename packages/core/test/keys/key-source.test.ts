import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { fetchedKeys, type KeySource, staticKeys } from '../../src/keys/key-source.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { deferred } from '../deferred.js'

const ISSUER = 'https://x.no/'
const METADATA = 'https://x.no/.well-known/oauth-authorization-server'
const [KEYS, MOVED] = ['https://x.no/jwk', 'https://x.no/moved']
const JWKS = { keys: [] }
const metadata = { issuer: ISSUER, jwks_uri: KEYS }
const moved = { ...metadata, jwks_uri: MOVED }

let answers: Record<string, unknown>
let asked: string[]
let signals: unknown[]

beforeEach(() => {
  answers = { [METADATA]: metadata, [KEYS]: JWKS, [MOVED]: JWKS }
  asked = []
  signals = []
})

/** Answers each address from `answers`. Other addresses are unreachable. */
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

it('staticKeys returns a key source with the application’s own keys, for tokens of exactly one issuer', async () => {
  const source = staticKeys(ISSUER, JWKS)
  expect(source.isStatic).toBe(true)
  expect(source.issuer()).toBe(ISSUER)
  expect([ISSUER, 'https://x.no', undefined].map(source.mayHaveIssued)).toEqual([true, false, false])
  expect(await load(source)).toBe(JWKS)
})

it('at every call, fetchedKeys fetches the keys from the configured address, with the caller’s signal', async () => {
  const address = { issuers: [ISSUER], metadataUrl: METADATA, endpoint: KEYS }
  const source = fetchedKeys(address, createTestClock(), fetch)
  expect(source.isStatic).toBe(false)
  expect(source.issuer()).toBe(ISSUER)
  expect([ISSUER, 'https://y.no/'].map(source.mayHaveIssued)).toEqual([true, false])
  const { signal } = new AbortController()
  for (const _ of [1, 2]) expect(await source.fetch(signal)).toEqual(JWKS)
  expect(asked).toEqual([KEYS, KEYS])
  expect(signals).toEqual([signal, signal])
})

describe('keys found through metadata', () => {
  const DAY = 24 * 60 * 60
  let clock: TestClock
  beforeEach(() => {
    clock = createTestClock()
  })
  const source = (issuers = [ISSUER], fetchBy = fetch) =>
    fetchedKeys({ issuers, metadataUrl: METADATA, endpoint: undefined }, clock, fetchBy)
  /** Returns a source that has read metadata and keys. */
  async function loaded() {
    const keys = source()
    expect(keys.isStatic).toBe(false)
    expect(await load(keys)).toEqual(JWKS)
    expect(asked).toEqual([METADATA, KEYS])
    asked = []
    return keys
  }

  it('a key source reads metadata before the keys, and again after a day', async () => {
    const keys = await loaded()
    answers[METADATA] = moved
    clock.advance(DAY - 0.001)
    await load(keys)
    expect(asked).toEqual([KEYS])
    clock.advance(0.001)
    await load(keys)
    expect(asked).toEqual([KEYS, METADATA, MOVED])
  })

  it('a key source reads metadata again when a key fetch fails', async () => {
    const keys = await loaded()
    delete answers[KEYS]
    answers[METADATA] = moved
    expect(await failureOf(keys)).toBe('unreachable')
    expect(await load(keys)).toEqual(JWKS)
    expect(asked).toEqual([KEYS, METADATA, MOVED])
  })

  it('for an hour after a failure to read metadata, keys are fetched from the known address', async () => {
    const keys = await loaded()
    delete answers[METADATA]
    clock.advance(DAY)
    expect(await failureOf(keys)).toBe('unreachable')
    answers[METADATA] = moved
    clock.advance(3599.999)
    expect(await load(keys)).toEqual(JWKS)
    expect(asked).toEqual([METADATA, KEYS])
    clock.advance(0.001)
    await load(keys)
    expect(asked).toEqual([METADATA, KEYS, METADATA, MOVED])
  })

  it('metadata is read again after the machine was suspended for a day', async () => {
    const keys = await loaded()
    clock.set(clock.now() + DAY * 1000)
    answers[METADATA] = moved
    await load(keys)
    expect(asked).toEqual([METADATA, MOVED])
  })

  it('the pause after a failure to read metadata is measured only by the monotonic clock', async () => {
    const keys = await loaded()
    delete answers[METADATA]
    clock.set(clock.now() + DAY * 1000)
    expect(await failureOf(keys)).toBe('unreachable')
    clock.set(clock.now() + DAY * 1000)
    await load(keys)
    expect(asked).toEqual([METADATA, KEYS])
  })

  it('an earlier metadata document that arrives last does not replace a later one', async () => {
    const late = deferred<Response>()
    const fetches = [() => late.promise]
    const keys = source([ISSUER], (url, init) => fetches.shift()?.() ?? fetch(url, init))
    const givenUp = new AbortController()
    const first = keys.fetch(givenUp.signal)
    givenUp.abort()
    answers[METADATA] = moved
    await load(keys)
    late.resolve(Response.json(metadata))
    await expect(first).rejects.toThrow(UpstreamError)
    await load(keys)
    expect(asked).toEqual([METADATA, MOVED, MOVED])
  })

  it('metadata is read at every key fetch until the address of the keys is known', async () => {
    delete answers[METADATA]
    const keys = source()
    expect([await failureOf(keys), await failureOf(keys)]).toEqual(['unreachable', 'unreachable'])
    expect(asked).toEqual([METADATA, METADATA])
  })

  it('the issuer in the first metadata becomes the only issuer that a key source accepts', async () => {
    const forms = [ISSUER, 'https://x.no']
    const keys = source(forms)
    expect(keys.issuer()).toBeUndefined()
    expect([...forms, 'https://y.no/'].map(keys.mayHaveIssued)).toEqual([true, true, false])
    answers[METADATA] = { ...metadata, issuer: 'https://x.no' }
    await load(keys)
    expect(keys.issuer()).toBe('https://x.no')
    expect(forms.map(keys.mayHaveIssued)).toEqual([false, true])
    answers[METADATA] = metadata
    clock.advance(DAY)
    expect(await failureOf(keys)).toBe('wrong_metadata')
  })

  it.each<[string, unknown]>([
    ['is null', null],
    ['is a list', [metadata]],
    ['is a string', 'https://x.no/jwk'],
    ['has no issuer', { jwks_uri: KEYS }],
    ['names another issuer', { ...metadata, issuer: 'https://x.no/other' }],
    ['has no address', { issuer: ISSUER }],
    ['has an address that is a list', { ...metadata, jwks_uri: [KEYS] }],
    ['has a relative address', { ...metadata, jwks_uri: '/jwk' }],
    ['names another host', { ...metadata, jwks_uri: 'https://y.no/jwk' }],
    ['names another port', { ...metadata, jwks_uri: 'https://x.no:8443/jwk' }],
    ['has an http address', { ...metadata, jwks_uri: 'http://x.no/jwk' }],
    ['has an address with a user', { ...metadata, jwks_uri: 'https://u@x.no/jwk' }],
    ['has an address with a password', { ...metadata, jwks_uri: 'https://:p@x.no/jwk' }],
  ])('keys are not fetched when metadata %s', async (_title, bad) => {
    answers[METADATA] = bad
    expect(await failureOf(source())).toBe('wrong_metadata')
    expect(asked).toEqual([METADATA])
  })
})
