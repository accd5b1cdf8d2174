import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect, it, vi } from 'vitest'
import { fetchedKeys, type KeySource, staticKeys } from '../../src/keys/key-source.js'
import { endpointIn, issuerIn } from '../../src/keys/metadata.js'
import { UpstreamError, type UpstreamFailure } from '../../src/platform/fetch-json.js'
import { deferred } from '../deferred.js'

const ISSUER = 'https://x.no/'
const METADATA = 'https://x.no/.well-known/oauth-authorization-server'
const [KEYS, MOVED] = ['https://x.no/jwk', 'https://x.no/moved']
const JWKS = { keys: [] }
const metadata = { issuer: ISSUER, jwks_uri: KEYS }
const DAY = 24 * 60 * 60
const moved = { ...metadata, jwks_uri: MOVED }

let answers: Record<string, unknown>
let asked: string[]
let clock: TestClock

beforeEach(() => {
  answers = { [METADATA]: metadata, [KEYS]: JWKS, [MOVED]: JWKS }
  asked = []
  clock = createTestClock()
})

/** Answers each address from `answers`. Other addresses are unreachable. */
async function fetch(url: string): Promise<Response> {
  asked.push(url)
  if (!(url in answers)) throw new TypeError('fetch failed')
  return Response.json(answers[url])
}

const load = (source: KeySource) => source.fetch(new AbortController().signal)
const expectFailure = (source: KeySource, reason: UpstreamFailure) =>
  expect(load(source)).rejects.toMatchObject({ name: 'UpstreamError', reason })

it('staticKeys returns a key source with the application’s own keys, for tokens of exactly one issuer', async () => {
  const source = staticKeys(ISSUER, JWKS)
  expect(source.isStatic).toBe(true)
  expect(source.issuer()).toBe(ISSUER)
  expect([ISSUER, 'https://x.no'].map(source.mayHaveIssued)).toEqual([true, false])
  expect(await load(source)).toBe(JWKS)
})

it('at every call, fetchedKeys fetches the keys from the configured address, with the caller’s signal', async () => {
  const spy = vi.fn(fetch)
  const source = fetchedKeys({ issuers: [ISSUER], metadataUrl: METADATA, endpoint: KEYS }, clock, spy)
  expect(source.isStatic).toBe(false)
  expect(source.issuer()).toBe(ISSUER)
  expect([ISSUER, 'https://y.no/'].map(source.mayHaveIssued)).toEqual([true, false])
  const { signal } = new AbortController()
  for (const _ of [1, 2]) expect(await source.fetch(signal)).toEqual(JWKS)
  const call = [KEYS, expect.objectContaining({ signal })]
  expect(spy.mock.calls).toEqual([call, call])
})

/** Returns a source that finds the address of the keys through metadata. */
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
  await expectFailure(keys, 'unreachable')
  expect(await load(keys)).toEqual(JWKS)
  expect(asked).toEqual([KEYS, METADATA, MOVED])
})

it('for an hour after a failure to read metadata, keys are fetched from the known address', async () => {
  const keys = await loaded()
  delete answers[METADATA]
  clock.advance(DAY)
  await expectFailure(keys, 'unreachable')
  answers[METADATA] = moved
  clock.advance(3599.999)
  expect(await load(keys)).toEqual(JWKS)
  expect(asked).toEqual([METADATA, KEYS])
  clock.advance(0.001)
  await load(keys)
  expect(asked).toEqual([METADATA, KEYS, METADATA, MOVED])
})

it('a suspension of the machine counts for the age of metadata, but not for the pause after a failure', async () => {
  const keys = await loaded()
  delete answers[METADATA]
  const suspend = () => clock.set(clock.now() + DAY * 1000)
  suspend()
  await expectFailure(keys, 'unreachable')
  suspend()
  await load(keys)
  expect(asked).toEqual([METADATA, KEYS])
})

it('an earlier metadata document that arrives last does not replace a later one', async () => {
  const late = deferred<Response>()
  const fetches = [() => late.promise]
  const keys = source([ISSUER], (url) => fetches.shift()?.() ?? fetch(url))
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
  await expectFailure(keys, 'wrong_metadata')
})

it.each<[string, UpstreamFailure, object]>([
  ['cannot be read', 'unreachable', {}],
  ['names another issuer', 'wrong_metadata', { [METADATA]: { ...metadata, issuer: 'https://x.no/other' } }],
  ['names another host', 'wrong_metadata', { [METADATA]: { ...metadata, jwks_uri: 'https://y.no/jwk' } }],
])('each attempt reads metadata, and no keys, while metadata %s', async (_title, reason, published) => {
  answers = { ...published }
  const keys = source()
  for (const _ of [1, 2]) await expectFailure(keys, reason)
  expect(asked).toEqual([METADATA, METADATA])
})

it('issuerIn returns the expected issuer that exactly equals the issuer in the metadata', () => {
  expect(issuerIn({ issuer: 'https://x.no' }, [ISSUER, 'https://x.no'])).toBe('https://x.no')
  const others = [{ issuer: 'https://x.no' }, { issuer: [ISSUER] }, Object.create({ issuer: ISSUER })]
  for (const document of [null, {}, ...others]) expect(issuerIn(document, [ISSUER])).toBeUndefined()
})

it('endpointIn returns an own member of the metadata that is on the host of the issuer', () => {
  expect(endpointIn({ token_endpoint: MOVED }, ISSUER, 'token_endpoint')).toBe(MOVED)
  const others = [{ jwks_uri: 'https://y.no/jwk' }, { jwks_uri: [KEYS] }, Object.create({ jwks_uri: KEYS })]
  for (const document of [null, {}, ...others])
    expect(endpointIn(document, ISSUER, 'jwks_uri')).toBeUndefined()
})
