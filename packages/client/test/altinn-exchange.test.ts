import { decodeJwt } from 'jose'
import { describe, expect, it, test } from 'vitest'
import { never } from '../../core/test/deferred.js'
import { errorOf, kit, OWN, pass, SCOPE, settle, tokenThatExpires, useKit } from './kit.js'

const REQUEST = { scope: SCOPE, altinn: true }

useKit()

/** Makes Altinn answer each exchange with a token that lives for this number of seconds. */
function exchangeFor(inSeconds: number, claims?: object): void {
  kit.altinn = async () => new Response(tokenThatExpires(kit.clock, inSeconds, claims))
}

describe('an exchanged token', () => {
  it('getToken with `altinn` returns Altinn’s token and its expiry, with the scopes of Maskinporten’s token', async () => {
    const { accessToken, expiresAt, scope } = await kit.client().getToken(REQUEST)
    expect(decodeJwt(accessToken)).toMatchObject({
      iss: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/',
      'urn:altinn:orgNumber': OWN,
    })
    expect([expiresAt, scope]).toEqual([kit.clock.now() / 1000 + 1800, SCOPE])
  })

  it('an exchange sends Maskinporten’s token in a GET without a body, and does not follow redirects', async () => {
    await kit.client().getToken(REQUEST)
    const [{ url, init, token = '' } = {}] = kit.exchanges
    expect(url).toBe('https://platform.tt02.altinn.no/authentication/api/v1/exchange/maskinporten')
    expect(decodeJwt(token)).toMatchObject({ iss: kit.mock.issuer, scope: SCOPE })
    expect(Object.keys({ ...init }).sort()).toEqual(['headers', 'redirect', 'signal'])
    expect(Object.keys({ ...init?.headers })).toEqual(['authorization'])
    expect(init?.redirect).toBe('manual')
  })

  test.each<[string, (token: string) => Response]>([
    ['text with white space around it', (token) => new Response(` ${token}\r\n`)],
    ['a JSON string', (token) => Response.json(token)],
  ])('an exchanged token is read from an answer that is %s', async (_title, answer) => {
    const token = tokenThatExpires(kit.clock, 60)
    kit.altinn = async () => answer(token)
    expect((await kit.client().getToken(REQUEST)).accessToken).toBe(token)
  })

  it('a request with `altinn` throws if neither the issuer behind Texas nor Altinn’s platform is known', async () => {
    const client = kit.texasClient()
    const message =
      /^`altinn` needs the address of Altinn’s platform.* `altinnPlatform`: .*tt02\.altinn\.no for tests$/
    expect(() => client.fetch(REQUEST)).toThrow(message)
    await expect(client.getToken(REQUEST)).rejects.toThrow(message)
    expect(kit.requests).toBe(0)
  })
})

describe('the cache of exchanged tokens', () => {
  it('an exchanged token is renewed in the last third of its own life, however long Maskinporten’s token lives', async () => {
    exchangeFor(1800)
    const client = kit.client()
    const first = await client.getToken(REQUEST)
    kit.clock.advance(1199)
    expect(await client.getToken(REQUEST)).toEqual(first)
    expect(kit.exchanges).toHaveLength(1)
    kit.clock.advance(1)
    expect(await client.getToken(REQUEST)).toEqual(first)
    await settle()
    expect((await client.getToken(REQUEST)).expiresAt).toBe(first.expiresAt + 1200)
    expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([2, 2])
  })

  it('an exchanged token is used until 30 seconds before its expiry', async () => {
    const client = kit.client()
    const first = await client.getToken(REQUEST)
    kit.altinn = never
    kit.clock.advance(1769)
    expect(await client.getToken(REQUEST)).toEqual(first)
    kit.clock.advance(1)
    const late = errorOf(client.getToken(REQUEST))
    await pass(kit.clock, 16)
    expect(await late).toMatchObject({ code: 'unavailable', server: 'altinn' })
  })

  it.each([
    ['if the clock is 100 s behind', 1900, {}, 1800],
    ['if the clock is 100 s ahead', 1700, {}, 1700],
    ['without `iat`', 60, { iat: undefined }, 60],
  ])(
    'an exchanged token lives for exp minus iat or exp minus now, whichever is less: %s',
    async (_title, inSeconds, claims, lifetime) => {
      exchangeFor(inSeconds, claims)
      const { expiresAt } = await kit.client().getToken(REQUEST)
      expect(expiresAt).toBe(kit.clock.now() / 1000 + lifetime)
    },
  )

  it('with `skipCache`, a new Maskinporten token is exchanged, even if Texas has cached one', async () => {
    const client = kit.texasClient({ altinnPlatform: 'https://platform.tt02.altinn.no' })
    const first = await client.getToken(REQUEST)
    const second = await client.getToken({ ...REQUEST, skipCache: true })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(new Set(kit.exchanges.map(({ token }) => token)).size).toBe(2)
    expect(kit.tokenRequests.map((body) => body.includes('"skip_cache":true'))).toEqual([false, true])
  })
})
