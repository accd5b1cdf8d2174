import { decodeJwt } from 'jose'
import { describe, expect, it, test } from 'vitest'
import { never } from '../../core/test/deferred.js'
import { errorOf, kit, OWN, pass, SCOPE, settle, tokenThatExpires, useKit } from './kit.js'

const REQUEST = { scope: SCOPE, altinn: true }
const PLATFORM = 'https://platform.tt02.altinn.no'
const TRACE = '84c1fd4063c38d9f3900d06e56542d48'

useKit()

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
      kit.altinn = async () => new Response(tokenThatExpires(kit.clock, inSeconds, claims))
      const { expiresAt } = await kit.client().getToken(REQUEST)
      expect(expiresAt).toBe(kit.clock.now() / 1000 + lifetime)
    },
  )

  it('with `skipCache`, a new Maskinporten token is exchanged, even if Texas has cached one', async () => {
    const client = kit.texasClient({ altinnPlatform: PLATFORM })
    const first = await client.getToken(REQUEST)
    const second = await client.getToken({ ...REQUEST, skipCache: true })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(new Set(kit.exchanges.map(({ token }) => token)).size).toBe(2)
    expect(kit.tokenRequests.map((body) => body.includes('"skip_cache":true'))).toEqual([false, true])
  })
})

const problem = (status: number) =>
  Response.json(
    { title: 'x', status, traceId: `00-${TRACE}-85d1d4d1d4d1d4d1-00` },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )

/** Gives the next exchange this answer. The mock answers later exchanges. */
function answerOnce(answer: Response): void {
  const { altinn } = kit
  kit.altinn = async () => {
    kit.altinn = altinn
    return answer
  }
}

describe('a refused exchange', () => {
  it('after a 401 of Altinn, the exchange is repeated with a token that does not come from the cache of Texas', async () => {
    answerOnce(problem(401))
    await expect(kit.texasClient({ altinnPlatform: PLATFORM }).getToken(REQUEST)).resolves.toBeDefined()
    expect(new Set(kit.exchanges.map(({ token }) => token)).size).toBe(2)
    expect(kit.tokenRequests.map((body) => body.includes('"skip_cache":true'))).toEqual([false, true])
  })

  it('if Texas hangs after a 401 of Altinn, the error is about Maskinporten, not about Altinn', async () => {
    kit.altinn = async () => {
      kit.answer = never
      return problem(401)
    }
    const error = errorOf(kit.texasClient({ altinnPlatform: PLATFORM, totalTimeout: 1 }).getToken(REQUEST))
    await pass(kit.clock, 1)
    expect(await error).toMatchObject({ code: 'unavailable', server: 'maskinporten' })
  })

  it.each([
    [401, 2, /^Altinn refused a token of Maskinporten, and then a second/, /^check that .* belong together/],
    [410, 1, /X-Altinn-EnterpriseUser-Authentication/, /^remove the header .* use a system user instead$/],
  ])(
    'a %i of Altinn is reported as a refusal with a hint after %i exchanges',
    async (status, times, cause, fix) => {
      kit.altinn = async () => problem(status)
      const error = await errorOf(kit.client().getToken(REQUEST))
      expect(error).toMatchObject({
        ...{ code: 'request_rejected', server: 'altinn', status, traceId: TRACE, retryable: false },
        hint: { cause: expect.stringMatching(cause), fix: expect.stringMatching(fix) },
      })
      expect(kit.exchanges).toHaveLength(times)
    },
  )
})

describe('an outage of Altinn', () => {
  const failing = (status: number, retryAfter?: number) =>
    new Response('', { status, headers: retryAfter ? { 'retry-after': String(retryAfter) } : {} })

  test.each<[string, Response, number, number]>([
    ['a 503', failing(503), 0.2, 1],
    ['a 429 and a Retry-After of less than half the life of Maskinporten’s token', failing(429, 59), 59, 1],
    ['a Retry-After of half the life of Maskinporten’s token', failing(503, 60), 60, 2],
  ])(
    'after %s, the exchange at Altinn is repeated, with the same Maskinporten token in the first half of its life',
    async (_title, answer, seconds, tokenRequests) => {
      answerOnce(answer)
      const work = kit.client({ totalTimeout: 100 }).getToken(REQUEST)
      await settle()
      expect(kit.exchanges).toHaveLength(1)
      kit.clock.advance(seconds)
      await expect(work).resolves.toBeDefined()
      expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([tokenRequests, 2])
    },
  )

  it.each([
    ['a problem document', () => problem(500), { status: 500, traceId: TRACE }],
    ['a 429', () => failing(429, 30), { status: 429, retryAfter: 30 }],
  ])('an outage of Altinn is reported as an error of Altinn: %s', async (_title, answer, members) => {
    kit.altinn = async () => answer()
    const error = await errorOf(kit.client({ totalTimeout: 0.1 }).getToken(REQUEST))
    const hint = { cause: 'it is overloaded or failing', fix: 'try again later' }
    expect(error).toMatchObject({ code: 'unavailable', server: 'altinn', retryable: true, hint, ...members })
  })
})

it('an exchange that hangs ends at the total timeout, and the error is about Altinn', async () => {
  kit.altinn = never
  const error = errorOf(kit.client({ totalTimeout: 1 }).getToken(REQUEST))
  await pass(kit.clock, 1)
  expect(await error).toMatchObject({ code: 'unavailable', server: 'altinn', retryable: true })
})

describe('an answer that is not a token', () => {
  const token = (claims?: object) => tokenThatExpires(kit.clock, 60, claims)
  test.each<[string, () => Response]>([
    ['a page', () => new Response('<!doctype html><title>Sign in to this network</title>')],
    ['a token whose parts are not JSON', () => new Response('a.b.c')],
    ['a token after other text', () => new Response(`x ${token()}`)],
    ['a token before other text', () => new Response(`${token()} x`)],
    ['a token without an expiry', () => new Response(token({ exp: undefined }))],
    ['a token whose expiry is a string', () => new Response(token({ exp: '60' }))],
    ['larger than 256 KiB', () => new Response(' '.repeat(256 * 1024) + token())],
    ['a 400', () => new Response('Invalid token provider: x.', { status: 400 })],
  ])(
    'an exchange answer that is %s is reported as unexpected, and the exchange is not repeated',
    async (_title, answer) => {
      kit.altinn = async () => answer()
      const error = await errorOf(kit.client().getToken(REQUEST))
      expect(error).toMatchObject({
        ...{ code: 'unexpected_answer', server: 'altinn', status: answer().status, retryable: false },
        hint: {
          cause: 'the answer is not that of Altinn’s token exchange',
          fix: 'check `altinnPlatform`, and whether a proxy answers in its place',
        },
      })
      expect(kit.exchanges).toHaveLength(1)
    },
  )

  it.each([0, 8 * 86_400])(
    'an exchanged token that expires in %d seconds is not used, and the hint is about the clock',
    async (inSeconds) => {
      kit.altinn = async () => new Response(tokenThatExpires(kit.clock, inSeconds, { iat: undefined }))
      const error = await errorOf(kit.client().getToken(REQUEST))
      expect(error).toMatchObject({
        ...{ code: 'unexpected_answer', status: 200 },
        hint: {
          cause: expect.stringMatching(/^by the clock of this machine, the exchanged token has expired/),
          fix: 'synchronise the clock of this machine',
        },
      })
    },
  )
})

it('a refusal by Maskinporten is reported as an error of Maskinporten, and nothing is exchanged', async () => {
  const error = await errorOf(kit.client().getToken({ scope: 'nav:others', altinn: true }))
  expect(error).toMatchObject({ server: 'maskinporten', maskinportenCode: 'MP-250' })
  expect(kit.exchanges).toEqual([])
})
