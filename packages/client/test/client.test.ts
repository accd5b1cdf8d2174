import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { Fetch } from '../src/exchange.js'
import { createMaskinportenClient, type TokenRequest } from '../src/index.js'
import { CUSTOMER, canned, createKit, errorOf, issued, type Kit, OWN, SCOPE, settle } from './kit.js'

let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('getToken', () => {
  it('getToken returns a token for an assertion signed with the client’s key', async () => {
    const { accessToken, expiresAt, scope } = await kit.client().getToken({ scope: SCOPE })
    expect(decodeJwt(accessToken)).toMatchObject({ scope: SCOPE, consumer: { ID: `0192:${OWN}` } })
    expect([expiresAt, scope]).toEqual([kit.clock.now() / 1000 + 120, SCOPE])
  })

  it('getToken can restrict a token to an API or a person', async () => {
    const client = kit.client()
    const forApi = await client.getToken({ scope: SCOPE, resource: 'https://api.example.no/' })
    expect(decodeJwt(forApi.accessToken).aud).toBe('https://api.example.no/')
    const forPerson = await client.getToken({ scope: SCOPE, pid: '01010199999' })
    expect(decodeJwt(forPerson.accessToken)['pid']).toBe('01010199999')
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

  it('getToken finds the token endpoint in metadata', async () => {
    await expect(kit.clientByMetadata().getToken({ scope: SCOPE })).resolves.toBeDefined()
    expect(kit.requests).toBe(2)
  })

  it('getToken returns the granted scopes in the answer, or the requested scopes if the answer names no scopes', async () => {
    const answers = [{ scope: SCOPE }, {}]
    kit.answer = async () => issued(answers.shift())
    const granted = async () => (await kit.client().getToken({ scope: `nav:short ${SCOPE}` })).scope
    expect([await granted(), await granted()]).toEqual([SCOPE, `nav:short ${SCOPE}`])
  })

  it('getToken rejects a malformed request with a TypeError, and sends nothing', async () => {
    const work = kit.client().getToken({ scope: 'afp.read' })
    await expect(work).rejects.toThrow(/^`scope`: "afp.read" is not a full scope/)
    expect(kit.requests).toBe(0)
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

  test.each<[string, number, () => Promise<Response>]>([
    ['a network failure', 0.2, () => Promise.reject(new TypeError('fetch failed'))],
    ['a 500', 0.2, async () => new Response('oops', { status: 500 })],
    [
      'a 429 and its Retry-After',
      3,
      async () => new Response('', { status: 429, headers: { 'retry-after': '3' } }),
    ],
  ])('getToken repeats the request after %s', async (_title, seconds, fail) => {
    kit.answer = () => {
      kit.answer = async () => canned(kit.clock)
      return fail()
    }
    const work = kit.client().getToken({ scope: SCOPE })
    await settle()
    kit.clock.advance(seconds)
    await expect(work).resolves.toBeDefined()
    expect(kit.requests).toBe(2)
  })

  test.each([
    ['MP-250', 'nav:others', 400, undefined, /has not granted your organisation this scope/],
    ['MP-200', 'nav:unknown', 400, undefined, /not registered on this client/],
    ['MP-251', SCOPE, 403, '889640782', /has not delegated/],
  ])(
    'getToken does not repeat a request that is refused with %s',
    async (code, scope, status, consumerOrg, cause) => {
      const client = consumerOrg ? kit.client().for({ consumerOrg }) : kit.client()
      expect(await errorOf(client.getToken({ scope }))).toMatchObject({
        ...{ code: 'request_rejected', maskinportenCode: code, status, retryable: false },
        hint: { cause: expect.stringMatching(cause) },
      })
      expect(kit.requests).toBe(1)
    },
  )
})

describe('fetch and for', () => {
  it('`fetch` of a client throws at once if its token request is not an object or has `skipCache`', () => {
    const { fetch } = kit.client()
    expect(() => fetch(SCOPE as unknown as TokenRequest)).toThrow(
      new TypeError('A token request takes an object of options'),
    )
    expect(() => fetch({ scope: SCOPE, skipCache: true } as TokenRequest)).toThrow(
      new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected'),
    )
  })

  it('`fetch` of a client without the option `fetch` reads the global fetch at each call', async () => {
    const { fetch: _fetch, ...options } = kit.options
    const call = createMaskinportenClient(options).fetch({ scope: SCOPE })
    const api = async () => new Response('from the API')
    vi.stubGlobal('fetch', (...[input, init]: Parameters<Fetch>) =>
      String(input).startsWith(kit.mock.issuer) ? kit.mock.fetch(input, init) : api(),
    )
    expect(await (await call('https://api.example.no/')).text()).toBe('from the API')
  })

  it('the method `for` throws at once if it gets an unknown option', () => {
    expect(() => kit.client().for({ organisation: CUSTOMER } as never)).toThrow(/`for`/)
  })

  it('the method `for` throws at once if the organisation number has an ICD prefix', () => {
    expect(() => kit.client().for({ consumerOrg: `0192:${CUSTOMER}` })).toThrow(/without "0192:"/)
  })
})

describe('the cache', () => {
  it('the client’s cache returns the same token for the same scopes in any order', async () => {
    const client = kit.client()
    const scopes = [`${SCOPE} nav:short`, ` nav:short  ${SCOPE}\n`, ['nav:short', SCOPE, SCOPE]]
    const tokens = await Promise.all(scopes.map((scope) => client.getToken({ scope })))
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
    expect(kit.requests).toBe(1)
  })

  it('10,000 parallel calls of `getToken` send 1 request if all need the same token, and 100 for 100 tokens', async () => {
    const client = kit.client()
    const all = (requestFor: (n: number) => TokenRequest) =>
      Promise.all(Array.from({ length: 10_000 }, (_, n) => client.getToken(requestFor(n))))
    await all(() => ({ scope: SCOPE }))
    expect(kit.requests).toBe(1)
    await all((n) => ({ scope: SCOPE, resource: `https://api.example.no/${n % 100}` }))
    expect(kit.requests).toBe(101)
  })

  it('`skipCache` fetches a new token, which replaces the cached token', async () => {
    const client = kit.client()
    const first = await client.getToken({ scope: SCOPE })
    const second = await client.getToken({ scope: SCOPE, skipCache: true })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(await client.getToken({ scope: SCOPE })).toEqual(second)
  })

  it('the client’s cache holds at most `maxTokens` tokens', async () => {
    const client = kit.client({ maxTokens: 10 })
    for (let n = 0; n < 20; n++) await client.getToken({ scope: SCOPE, resource: `https://a.no/${n}` })
    await client.getToken({ scope: SCOPE, resource: 'https://a.no/0' })
    expect(kit.requests).toBe(21)
  })
})
