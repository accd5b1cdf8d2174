import { decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
import type { VerificationTrace } from '../../src/verifiers/token-verifier.js'
import { reasonOf, reasonOfAsync } from '../refusal.js'
import { clock, forgedToken, mock, READ, readToken, useWorld } from '../validator-world.js'

useWorld()

const verifierWith = (fetch = mock.fetch) => jwtVerifier(readConfig({ issuer: mock.issuer, fetch, clock }))
const now = () => clock.now() / 1000

it('`trace` has the step in which a token is refused, and the key id of a well-formed token', async () => {
  async function traceOf(token: string): Promise<Pick<VerificationTrace, 'step' | 'keyId'>> {
    const trace: VerificationTrace = { now: now() }
    await Promise.resolve()
      .then(() => verifierWith().verify(token, trace, {}))
      .catch(() => undefined)
    const { now: _now, ...rest } = trace
    return rest
  }
  const unknown = await readToken({ header: { kid: 'new' } })
  const incomplete = await readToken({ claims: { consumer: 7 } })
  const keyId = decodeProtectedHeader(incomplete).kid

  expect(await traceOf('a.b')).toEqual({ step: 'form' })
  expect(await traceOf(unknown)).toEqual({ step: 'key', keyId: 'new' })
  expect(await traceOf(await forgedToken())).toEqual({ step: 'signature', keyId })
  expect(await traceOf(incomplete)).toEqual({ step: 'claims', keyId })
  expect(verifierWith().steps).toEqual(['form', 'key', 'signature', 'claims'])
})

it('a non-string token is rejected as malformed', () => {
  const verify = () => verifierWith().verify(undefined as never, { now: now() }, {})
  expect(reasonOf(verify)).toBe('malformed_token')
})

it.each([1, 2])(
  'a verified token is verified again once its `kid` names another key; earlier verifications: %d',
  async (times) => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true })
    const { n } = await exportJWK(publicKey)
    let isReplaced = false
    const verifier = verifierWith(async (input, init) => {
      const response = await mock.fetch(input, init)
      const body = await response.json()
      if (!isReplaced || !('keys' in body)) return Response.json(body)
      return Response.json({ keys: body.keys.map((key: object) => ({ ...key, n })) })
    })
    const token = await readToken({ expiresIn: 3600 })
    const verify = async () => verifier.verify(token, { now: now() }, {})
    for (let time = 0; time < times; time++) await expect(verify()).resolves.toBeDefined()
    isReplaced = true
    clock.advance(901)
    expect(await reasonOfAsync(verify())).toBe('bad_signature')
  },
)

describe('a token that its own claims rule out', () => {
  const [OVERDUE, EXPIRED] = [901, 86_401]

  /** Returns a verifier whose keys were loaded this many seconds ago, and its fetches since then. */
  async function loadedVerifier(age: number) {
    const fetch = vi.fn(mock.fetch)
    const verifier = verifierWith(fetch)
    await verifier.ready()
    clock.advance(age)
    fetch.mockClear()
    return { verifier, fetch }
  }
  type Verifier = ReturnType<typeof verifierWith>
  const refusal = (verifier: Verifier, token: string) =>
    reasonOfAsync((async () => verifier.verify(token, { now: now() }, {}))())
  const offlineRefusal = (verifier: Verifier, token: string) =>
    reasonOfAsync(verifier.verifyOffline(token, { now: now() }))
  /** An expired token with the signature of another token. */
  const forged = () => forgedToken({ expiresIn: -60 })

  it('before keys are loaded, an expired token or a token of another issuer causes no key fetch', async () => {
    const fetch = vi.fn(mock.fetch)
    const verifier = verifierWith(fetch)
    expect(await refusal(verifier, await readToken({ expiresIn: -60 }))).toBe('expired')
    const foreign = await readToken({ issuer: 'https://evil.example/' })
    expect(await refusal(verifier, foreign)).toBe('wrong_issuer')
    expect(await offlineRefusal(verifier, foreign)).toBe('wrong_issuer')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('an expired token with an unknown `kid` causes no key fetch', async () => {
    const { verifier, fetch } = await loadedVerifier(1)
    const token = await readToken({ expiresIn: -60, header: { kid: 'new' } })
    expect(await refusal(verifier, token)).toBe('expired')
    expect(await offlineRefusal(verifier, token)).toBe('expired')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('while the keys are expired, even a forged expired token is refused as `expired` without a fetch', async () => {
    const { verifier, fetch } = await loadedVerifier(EXPIRED)
    const token = await forged()
    expect(await refusal(verifier, token)).toBe('expired')
    expect(await offlineRefusal(verifier, token)).toBe('expired')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('if keys are overdue, an expired forged token causes a refresh, and is refused as `bad_signature`', async () => {
    const { verifier, fetch } = await loadedVerifier(OVERDUE)
    const token = await forged()
    expect(await verifier.verifyOffline(token, { now: now() })).toBeUndefined()
    expect(fetch).not.toHaveBeenCalled()
    expect(await refusal(verifier, token)).toBe('bad_signature')
    expect(fetch).toHaveBeenCalled()
  })

  it('an expired token does not cause another fetch if a refresh did not find the token’s key', async () => {
    const { verifier, fetch } = await loadedVerifier(OVERDUE)
    const token = await readToken({ expiresIn: -60, header: { kid: 'new' } })
    expect(await refusal(verifier, token)).toBe('expired')
    const afterRefresh = fetch.mock.calls.length
    expect(await refusal(verifier, token)).toBe('expired')
    expect(fetch).toHaveBeenCalledTimes(afterRefresh)
  })

  it('if keys are overdue, a token is refused as `unknown_key` when a refresh does not find its key', async () => {
    const { verifier, fetch } = await loadedVerifier(OVERDUE)
    expect(await refusal(verifier, await readToken({ header: { kid: 'new' } }))).toBe('unknown_key')
    expect(fetch).toHaveBeenCalled()
  })

  it.each([
    ['fresh', 0],
    ['stale', 700],
  ])('with %s keys, an expired forged token is refused as `bad_signature`', async (_title, age) => {
    const { verifier } = await loadedVerifier(age)
    const token = await forged()
    expect(await refusal(verifier, token)).toBe('bad_signature')
    expect(await offlineRefusal(verifier, token)).toBe('bad_signature')
  })

  it('in an outage with old keys, an expired forged token is refused as `bad_signature`, not as `expired`', async () => {
    const fetch = vi.fn(mock.fetch)
    const verifier = verifierWith(fetch)
    await verifier.ready()
    fetch.mockRejectedValue(new TypeError('fetch failed'))
    clock.advance(OVERDUE)
    const valid = await readToken()
    await verifier.verify(valid, { now: now() }, {})
    expect(await refusal(verifier, await forged())).toBe('bad_signature')
  })
})

it('`failure` says why keys could not be fetched, until a fetch succeeds', async () => {
  const verifier = verifierWith(() => Promise.reject(new TypeError('fetch failed')))
  expect(verifier.failure).toBeUndefined()
  const token = await readToken()
  await expect(verifier.verify(token, { now: now() }, {})).rejects.toMatchObject({
    reason: 'keys_unavailable',
  })
  expect(verifier.failure?.reason).toBe('unreachable')
})

it('`verifyOffline` returns undefined until keys are loaded, and then the claims', async () => {
  const verifier = verifierWith()
  const token = await readToken()
  expect(await verifier.verifyOffline(token, { now: now() })).toBeUndefined()
  await verifier.ready()
  expect((await verifier.verifyOffline(token, { now: now() }))?.token.scopes).toEqual([READ])
})

describe('a verifier on Cloudflare Workers', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it.each([
    ['fetches keys in the background on Node', 'Node.js/22', 1],
    ['fetches nothing on Cloudflare Workers, where a fetch ends with its request', 'Cloudflare-Workers', 0],
  ])('a readiness probe %s', (_title, userAgent, fetches) => {
    vi.stubGlobal('navigator', { userAgent })
    const fetch = vi.fn(mock.fetch)
    expect(verifierWith(fetch).health().usable).toBe(false)
    expect(fetch).toHaveBeenCalledTimes(fetches)
  })

  it.each([
    ['starts on Node', 'Node.js/22', 1],
    ['does not start on Cloudflare Workers, where a timer ends with its request', 'Cloudflare-Workers', 0],
  ])('the timer that removes expired tokens from the cache %s', async (_title, userAgent, timers) => {
    vi.stubGlobal('navigator', { userAgent })
    const after = vi.spyOn(clock, 'after')
    const verifier = jwtVerifier(readConfig({ issuer: mock.issuer, jwks: mock.jwks(), clock }))
    await verifier.ready()
    await verifier.verify(await readToken(), { now: now() }, {})
    const background = after.mock.calls.filter(([, , inBackground]) => inBackground)
    expect(background).toHaveLength(timers)
    after.mockRestore()
  })

  it('a readiness probe works on a runtime without `navigator`', () => {
    vi.stubGlobal('navigator', undefined)
    expect(verifierWith().health().usable).toBe(false)
  })
})
