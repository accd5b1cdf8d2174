import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { type AltinnKit, createAltinnKit, tokenThatExpires } from './altinn-kit.js'
import { CUSTOMER, errorOf, never, OWN, pass, SCOPE, settle } from './kit.js'

const REQUEST = { scope: SCOPE, altinn: true }

let kit: AltinnKit
beforeEach(async () => {
  kit = await createAltinnKit()
})

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
    const [{ url, init } = {}] = kit.exchanges
    expect(url).toBe('https://platform.tt02.altinn.no/authentication/api/v1/exchange/maskinporten')
    const token = decodeJwt(kit.sent()[0] ?? '')
    expect(token).toMatchObject({ iss: kit.mock.issuer, scope: SCOPE })
    expect(Object.keys({ ...init }).sort()).toEqual(['headers', 'redirect', 'signal'])
    expect(Object.keys({ ...init?.headers })).toEqual(['authorization'])
    expect(init?.redirect).toBe('manual')
  })

  test.each<[string, (token: string) => Response]>([
    ['text', (token) => new Response(token)],
    ['text with white space around it', (token) => new Response(` ${token}\r\n`)],
    ['a JSON string', (token) => Response.json(token)],
  ])('an exchanged token is read from an answer that is %s', async (_title, answer) => {
    const token = tokenThatExpires(kit.clock, { inSeconds: 60 })
    kit.altinn = async () => answer(token)
    expect((await kit.client().getToken(REQUEST)).accessToken).toBe(token)
  })

  it('an exchanged token without `iat` lives until its `exp`', async () => {
    kit.altinn = async () => new Response(tokenThatExpires(kit.clock, { inSeconds: 60, iat: undefined }))
    expect((await kit.client().getToken(REQUEST)).expiresAt).toBe(kit.clock.now() / 1000 + 60)
  })

  it('a token on behalf of a customer is exchanged for a token with the customer’s number', async () => {
    const acting = kit.client().for({ consumerOrg: CUSTOMER })
    const { accessToken } = await acting.getToken(REQUEST)
    expect(decodeJwt(accessToken)).toMatchObject({
      'urn:altinn:orgNumber': CUSTOMER,
      supplier: { ID: `0192:${OWN}` },
    })
  })

  it('a token from Texas is exchanged with one token request and one exchange request', async () => {
    const client = kit.texasClient({ altinnPlatform: 'https://platform.tt02.altinn.no/' })
    expect(decodeJwt((await client.getToken(REQUEST)).accessToken)).toHaveProperty('urn:altinn:orgNumber')
    expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([1, 1])
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
  it('concurrent and later callers share one exchange, and Maskinporten’s own token is cached separately', async () => {
    const client = kit.client()
    const tokens = await Promise.all(Array.from({ length: 100 }, () => client.getToken(REQUEST)))
    tokens.push(await client.getToken(REQUEST))
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([1, 1])
    const plain = await client.getToken({ scope: SCOPE, altinn: false })
    expect(decodeJwt(plain.accessToken).iss).toBe(kit.mock.issuer)
  })

  it('an exchanged token is renewed in the last third of its own life, however long Maskinporten’s token lives', async () => {
    kit.altinn = async () => new Response(tokenThatExpires(kit.clock, { inSeconds: 1800 }))
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
    ['100 s behind', 100, 1800],
    ['100 s ahead', -100, 1700],
  ])(
    'if the client’s clock is %s, an exchanged token lives for exp minus iat or exp minus now, whichever is less',
    async (_title, skew, lifetime) => {
      kit.altinn = async () => new Response(tokenThatExpires(kit.clock, { inSeconds: 1800 + skew }))
      const { expiresAt } = await kit.client().getToken(REQUEST)
      expect(expiresAt).toBe(kit.clock.now() / 1000 + lifetime)
    },
  )

  it('with `skipCache`, a new Maskinporten token is exchanged, even if Texas has cached one', async () => {
    const client = kit.texasClient({ altinnPlatform: 'https://platform.tt02.altinn.no' })
    const first = await client.getToken(REQUEST)
    const second = await client.getToken({ ...REQUEST, skipCache: true })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(new Set(kit.sent()).size).toBe(2)
    expect(kit.tokenRequests.map((body) => body.includes('"skip_cache":true'))).toEqual([false, true])
  })
})

describe('a call with an exchanged token', () => {
  const API = 'https://api.example.no/'

  it('after a 401 for an exchanged token, the call is repeated after an exchange of a new Maskinporten token', async () => {
    const seen: string[] = []
    const { answer } = kit
    kit.answer = async (input, init) => {
      if (input !== API) return answer(input, init)
      seen.push(new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '')
      return new Response(null, { status: seen.length === 1 ? 401 : 200 })
    }
    expect((await kit.client().fetch(REQUEST)(API)).status).toBe(200)
    expect(seen.map((token) => decodeJwt(token)['urn:altinn:orgNumber'])).toEqual([OWN, OWN])
    expect(new Set(seen).size).toBe(2)
    expect(new Set(kit.sent()).size).toBe(2)
  })

  it('an aborted call rejects at once, and the exchange continues for other callers', async () => {
    let answerNow = () => {}
    const { altinn } = kit
    kit.altinn = (input, init) => new Promise((resolve) => (answerNow = () => resolve(altinn(input, init))))
    const controller = new AbortController()
    const client = kit.client()
    const call = client.fetch(REQUEST)(API, { signal: controller.signal })
    const other = client.getToken(REQUEST)
    await settle()
    controller.abort(new Error('no longer needed'))
    await expect(call).rejects.toThrow('no longer needed')
    answerNow()
    await expect(other).resolves.toBeDefined()
  })
})
