import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { never } from '../../core/test/deferred.js'
import { createMaskinportenClient, type MaskinportenClient, type TokenRequest } from '../src/index.js'
import { CUSTOMER, errorOf, issued, kit, OWN, pass, SCOPE, tokenIn, useKit } from './kit.js'

useKit()
afterEach(() => {
  vi.unstubAllGlobals()
})

it('getToken returns a token for an assertion signed with the client’s key', async () => {
  const { accessToken, expiresAt, scope } = await kit.client().getToken({ scope: SCOPE })
  expect(decodeJwt(accessToken)).toMatchObject({ scope: SCOPE, consumer: { ID: `0192:${OWN}` } })
  expect([expiresAt, scope]).toEqual([kit.clock.now() / 1000 + 120, SCOPE])
})

it('getToken on behalf of a customer returns a token with the customer as consumer', async () => {
  const client = kit.client()
  const own = await client.getToken({ scope: SCOPE })
  const acting = await client.for({ consumerOrg: CUSTOMER }).getToken({ scope: SCOPE })
  expect(acting.accessToken).not.toBe(own.accessToken)
  expect(decodeJwt(acting.accessToken)).toMatchObject({
    consumer: { ID: `0192:${CUSTOMER}` },
    supplier: { ID: `0192:${OWN}` },
  })
})

it('getToken returns the granted scopes in the answer, or the requested scopes if the answer names no scopes', async () => {
  const answers = [{ scope: SCOPE }, {}]
  kit.answer = async () => issued(answers.shift())
  const granted = async () => (await kit.client().getToken({ scope: `nav:a ${SCOPE}` })).scope
  expect([await granted(), await granted()]).toEqual([SCOPE, `nav:a ${SCOPE}`])
})

it('getToken sends nothing for an unregistered scope, and the hint has the line to add to nais.yaml', async () => {
  const error = await errorOf(kit.client({ scopes: [SCOPE] }).getToken({ scope: 'skatt:x' }))
  expect(error).toMatchObject({
    code: 'scope_not_registered',
    hint: {
      cause: 'skatt:x is not registered on this client',
      fix: expect.stringMatching(/- name: "skatt:x".*InvalidConsumedScopes/),
    },
  })
  expect(kit.requests).toBe(0)
})

it('`fetch` of a client throws at once if its token request is not an object or has `skipCache`', () => {
  const { fetch } = kit.client()
  expect(() => fetch(SCOPE as unknown as TokenRequest)).toThrow(
    /^A token request is an object: write .* or fetch\({ scope: 'nav:x.read' }\)\(url\)$/,
  )
  expect(() => fetch({ scope: SCOPE, skipCache: true } as TokenRequest)).toThrow(
    new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected'),
  )
})

it('`fetch` of a client without the option `fetch` reads the global fetch at each call', async () => {
  const call = createMaskinportenClient({ ...kit.identity, clock: kit.clock }).fetch({ scope: SCOPE })
  kit.api = async () => new Response('from the API')
  vi.stubGlobal('fetch', kit.network.fetch)
  expect(await (await call('https://api.example.no/')).text()).toBe('from the API')
})

it('`fetch` of a client sends a token, and another token when the API rejects it', async () => {
  const seen: string[] = []
  const call = kit.callTo(async (_input, init) => {
    seen.push(tokenIn(init))
    return new Response('', { status: 401 })
  })
  expect((await call('https://api.example.no/')).status).toBe(401)
  expect(new Set(seen.map((token) => decodeJwt(token)['jti'])).size).toBe(2)
  expect((await call('https://api.example.no/')).status).toBe(401)
  expect([seen.length, kit.tokenRequests.length]).toEqual([3, 2])
})

it('the method `for` throws at once if it gets an unknown option, or a number with an ICD prefix', () => {
  const client = kit.client()
  expect(() => client.for({ organisation: CUSTOMER } as never)).toThrow(
    /^`for\({ consumerOrg }\)` has no option/,
  )
  expect(() => client.for({ consumerOrg: `0192:${CUSTOMER}` })).toThrow(/without "0192:"/)
})

it('`skipCache` fetches a new token, which replaces the cached token', async () => {
  const client = kit.client()
  const first = await client.getToken({ scope: SCOPE })
  const second = await client.getToken({ scope: SCOPE, skipCache: true })
  expect(second.accessToken).not.toBe(first.accessToken)
  expect(await client.getToken({ scope: SCOPE })).toEqual(second)
})

it('the client’s cache holds at most `maxTokens` tokens', async () => {
  const client = kit.client({ maxTokens: 1 })
  for (const name of ['a', 'b', 'a']) await client.getToken({ scope: SCOPE, resource: `https://${name}.no/` })
  expect(kit.requests).toBe(3)
})

describe('the timeouts', () => {
  /** Waits by the clock of the kit. */
  const wait = (seconds: number) =>
    new Promise<void>((resolve) => void kit.clock.after(seconds * 1000, resolve))
  const endpoints = () => ({ issuer: kit.mock.issuer, token_endpoint: `${kit.mock.issuer}token` })
  const slowKey = () => ({
    keyId: kit.identity.key.keyId,
    sign: (data: Uint8Array) => wait(3).then(() => kit.identity.key.sign(data)),
  })
  const byMetadata = () => kit.clientByMetadata({ totalTimeout: 5 })
  const bySlowKey = () => kit.client({ key: slowKey(), totalTimeout: 5 })

  /** Requests a token, and returns the seconds after which the request failed. */
  async function secondsUntilFailure(client: MaskinportenClient) {
    const startedAt = kit.clock.elapsed()
    const failed = errorOf(client.getToken({ scope: SCOPE })).then((error) => {
      expect(error).toMatchObject({ code: 'unavailable', retryable: true })
      return (kit.clock.elapsed() - startedAt) / 1000
    })
    await pass(kit.clock, 20)
    return failed
  }

  it.each([
    ['metadata', byMetadata, () => Response.json(endpoints())],
    ['the signature', bySlowKey, () => issued()],
  ])('one deadline covers %s and the token request together', async (_title, client, answer) => {
    kit.answer = () => wait(3).then(answer)
    expect(await secondsUntilFailure(client())).toBe(5)
  })

  it('when `sign` hangs, it is called again after `attemptTimeout`, and every caller is rejected at `totalTimeout`', async () => {
    const sign = vi.fn(never)
    const key = { ...kit.identity.key, sign }
    const client = kit.client({ key, attemptTimeout: 2, totalTimeout: 3 })
    const failed = Promise.all([1, 2].map(() => errorOf(client.getToken({ scope: SCOPE }))))
    await pass(kit.clock, 3)
    const hanging = { code: 'signing_failed', retryable: true }
    expect(await failed).toMatchObject([hanging, hanging])
    expect([sign.mock.calls.length, kit.requests]).toEqual([2, 0])
  })

  it('the default timeouts are 5 s for an attempt and 15 s in total', async () => {
    const attempts: number[] = []
    const startedAt = kit.clock.elapsed()
    const busy = () => new Response('', { status: 503, headers: { 'retry-after': '6' } })
    kit.answer = () => {
      attempts.push((kit.clock.elapsed() - startedAt) / 1000)
      return attempts.length === 2 ? Promise.resolve(busy()) : never()
    }
    expect(await secondsUntilFailure(kit.client())).toBe(15)
    expect(attempts).toEqual([0, 5.2, 11.2])
  })
})
