import { decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { afterEach, expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
import type { VerificationTrace } from '../../src/verifiers/token-verifier.js'
import { reasonOf, reasonOfAsync, refusalOf } from '../refusal.js'
import { clock, forgedToken, mock, READ, readToken, useWorld } from '../validator-world.js'

useWorld()

afterEach(() => {
  vi.unstubAllGlobals()
})

const verifierWith = (fetch = mock.fetch) => jwtVerifier(readConfig({ issuer: mock.issuer, fetch, clock }))
const now = () => clock.now() / 1000

it('`trace` has the step in which a token is refused, and the key id of a well-formed token', async () => {
  async function traceOf(token: string): Promise<Partial<VerificationTrace>> {
    const trace: VerificationTrace = { now: now() }
    await refusalOf((async () => verifierWith().verify(token, trace, {}))())
    const { now: _now, ...rest } = trace
    return rest
  }
  const incomplete = await readToken({ claims: { consumer: 7 } })
  const keyId = decodeProtectedHeader(incomplete).kid

  expect(await traceOf('a.b')).toEqual({ step: 'form' })
  expect(await traceOf(await unknown())).toEqual({ step: 'key', keyId: 'new' })
  expect(await traceOf(await forgedToken())).toEqual({ step: 'signature', keyId })
  expect(await traceOf(incomplete)).toEqual({ step: 'claims', keyId })
  expect(verifierWith().steps).toEqual(['form', 'key', 'signature', 'claims'])
})

it('a non-string token is rejected as malformed', () => {
  const verify = () => verifierWith().verify(undefined as never, { now: now() }, {})
  expect(reasonOf(verify)).toBe('malformed_token')
})

it.each([1, 2])('a token used %d times is verified again once its `kid` names another key', async (times) => {
  const { n } = await exportJWK((await generateKeyPair('RS256')).publicKey)
  let isReplaced = false
  const verifier = verifierWith(async (input, init) => {
    const body = await (await mock.fetch(input, init)).json()
    if (!isReplaced || !('keys' in body)) return Response.json(body)
    return Response.json({ keys: body.keys.map((key: object) => ({ ...key, n })) })
  })
  const token = await readToken({ expiresIn: 3600 })
  const verify = async () => verifier.verify(token, { now: now() }, {})
  for (let time = 0; time < times; time++) await expect(verify()).resolves.toBeDefined()
  isReplaced = true
  clock.advance(901)
  expect(await reasonOfAsync(verify())).toBe('bad_signature')
})

type Verifier = ReturnType<typeof verifierWith>
const refusal = (verifier: Verifier, token: string) =>
  reasonOfAsync((async () => verifier.verify(token, { now: now() }, {}))())
/** The reason of an offline refusal, or `undecided` if the verifier would fetch keys. */
const offline = async (verifier: Verifier, token: string) => {
  const claims = verifier.verifyOffline(token, { now: now() })
  return (await refusalOf(claims))?.reason ?? ((await claims) ? 'accepted' : 'undecided')
}

/** An expired token with the signature of another token. */
const forged = () => forgedToken({ expiresIn: -60 })
const expired = () => readToken({ expiresIn: -60 })
const foreign = () => readToken({ issuer: 'https://evil.example/' })
const unknown = () => readToken({ header: { kid: 'new' } })
const unknownExpired = () => readToken({ expiresIn: -60, header: { kid: 'new' } })

/** Seconds since the keys were loaded. */
const AGES = { missing: undefined, fresh: 1, stale: 700, overdue: 901, expired: 86_401 } as const
it.each<[string, keyof typeof AGES, string, string, boolean, () => Promise<string>]>([
  ['an expired token', 'missing', 'expired', 'expired', false, expired],
  ['a token of another issuer', 'missing', 'wrong_issuer', 'wrong_issuer', false, foreign],
  ['a forged, expired token', 'fresh', 'bad_signature', 'bad_signature', false, forged],
  ['an expired token with an unknown `kid`', 'fresh', 'expired', 'expired', false, unknownExpired],
  ['a forged, expired token', 'stale', 'bad_signature', 'bad_signature', true, forged],
  ['a forged, expired token', 'overdue', 'bad_signature', 'undecided', true, forged],
  ['a token with an unknown `kid`', 'overdue', 'unknown_key', 'undecided', true, unknown],
  ['a forged, expired token', 'expired', 'expired', 'expired', false, forged],
])(
  '%s, when the keys are %s, is refused as `%s` and offline as `%s`; it causes a fetch: %s',
  async (_title, age, reason, offlineReason, isFetching, issue) => {
    const fetch = vi.fn(mock.fetch)
    const verifier = verifierWith(fetch)
    if (AGES[age] !== undefined) await verifier.ready()
    clock.advance(AGES[age] ?? 0)
    fetch.mockClear()
    const token = await issue()
    expect(await offline(verifier, token)).toBe(offlineReason)
    expect(fetch).not.toHaveBeenCalled()
    expect(await refusal(verifier, token)).toBe(reason)
    expect(fetch.mock.calls.length > 0).toBe(isFetching)
  },
)

/** Returns a verifier whose keys are overdue, and its fetch. */
async function overdue() {
  const fetch = vi.fn(mock.fetch)
  const verifier = verifierWith(fetch)
  await verifier.ready()
  clock.advance(AGES.overdue)
  return { verifier, fetch }
}

it('an expired token does not cause another fetch if a refresh did not find the token’s key', async () => {
  const { verifier, fetch } = await overdue()
  const token = await unknownExpired()
  expect(await refusal(verifier, token)).toBe('expired')
  const afterRefresh = fetch.mock.calls.length
  expect(await refusal(verifier, token)).toBe('expired')
  expect(fetch).toHaveBeenCalledTimes(afterRefresh)
})

it('in an outage with old keys, an expired forged token is refused as `bad_signature`, not as `expired`', async () => {
  const { verifier, fetch } = await overdue()
  fetch.mockRejectedValue(new TypeError('fetch failed'))
  await verifier.verify(await readToken(), { now: now() }, {})
  expect(await refusal(verifier, await forged())).toBe('bad_signature')
})

it('`failure` says why keys could not be fetched, until a fetch succeeds', async () => {
  const fetch = vi.fn(mock.fetch).mockRejectedValueOnce(new TypeError('fetch failed'))
  const verifier = verifierWith(fetch)
  expect(verifier.failure).toBeUndefined()
  expect(await refusal(verifier, await readToken())).toBe('keys_unavailable')
  expect(verifier.failure?.reason).toBe('unreachable')
  clock.advance(60)
  await verifier.ready()
  expect(verifier.failure).toBeUndefined()
})

it('`verifyOffline` returns undefined until keys are loaded, and then the claims', async () => {
  const verifier = verifierWith()
  const token = await readToken()
  expect(await verifier.verifyOffline(token, { now: now() })).toBeUndefined()
  await verifier.ready()
  expect((await verifier.verifyOffline(token, { now: now() }))?.token.scopes).toEqual([READ])
})

// On Cloudflare Workers, fetches and timers end with their request.
it.each([
  ['Node.js', 1, { userAgent: 'Node.js/22' }],
  ['Cloudflare Workers', 0, { userAgent: 'Cloudflare-Workers' }],
  ['a runtime without `navigator`', 1, undefined],
])('on %s, `health` begins %i fetches, and the cache as many timers', async (_title, count, navigator) => {
  vi.stubGlobal('navigator', navigator)
  const fetch = vi.fn(mock.fetch)
  expect(verifierWith(fetch).health().usable).toBe(false)
  expect(fetch).toHaveBeenCalledTimes(count)
  const after = vi.fn(clock.after)
  const config = readConfig({ issuer: mock.issuer, jwks: mock.jwks(), clock: { ...clock, after } })
  await jwtVerifier(config).verify(await readToken(), { now: now() }, {})
  expect(after.mock.calls.filter(([, , inBackground]) => inBackground)).toHaveLength(count)
})
