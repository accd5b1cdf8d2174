import { beforeEach, describe, expect, it, test } from 'vitest'
import { type AltinnKit, createAltinnKit, tokenThatExpires } from './altinn-kit.js'
import { errorOf, never, pass, SCOPE, settle } from './kit.js'

const REQUEST = { scope: SCOPE, altinn: true }
const TRACE = '84c1fd4063c38d9f3900d06e56542d48'

let kit: AltinnKit
beforeEach(async () => {
  kit = await createAltinnKit()
})

const problem = (status: number) =>
  Response.json(
    { title: 'x', status, traceId: `00-${TRACE}-85d1d4d1d4d1d4d1-00` },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )

/** Gives the next exchanges these answers, in order. The mock answers later exchanges. */
function answering(...answers: readonly (() => Response)[]): void {
  const { altinn } = kit
  const left = [...answers]
  kit.altinn = async (input, init) => left.shift()?.() ?? altinn(input, init)
}

describe('a 401 of the exchange', () => {
  it('after a 401 of Altinn, the exchange is repeated once with another token of Maskinporten', async () => {
    answering(() => problem(401))
    await expect(kit.client().getToken(REQUEST)).resolves.toBeDefined()
    expect(new Set(kit.sent()).size).toBe(2)
  })

  it('after a 401 of Altinn, the next token request to Texas bypasses the cache of Texas', async () => {
    answering(() => problem(401))
    const client = kit.texasClient({ altinnPlatform: 'https://platform.tt02.altinn.no' })
    await expect(client.getToken(REQUEST)).resolves.toBeDefined()
    expect(kit.tokenRequests.map((body) => body.includes('"skip_cache":true'))).toEqual([false, true])
  })

  it('if Texas hangs after a 401 of Altinn, the error is about Maskinporten, not about Altinn', async () => {
    answering(() => problem(401))
    const { answer } = kit
    kit.answer = (...given) => (kit.exchanges.length === 1 ? never() : answer(...given))
    const client = kit.texasClient({ altinnPlatform: 'https://platform.tt02.altinn.no', totalTimeout: 1 })
    const error = errorOf(client.getToken(REQUEST))
    await pass(kit.clock, 1)
    expect(await error).toMatchObject({ code: 'unavailable', server: 'maskinporten' })
  })

  it('two 401s in a row from Altinn are reported as a refusal, with a trace id and a hint about environments', async () => {
    answering(
      () => problem(401),
      () => problem(401),
    )
    const error = await errorOf(kit.client().getToken(REQUEST))
    expect(error).toMatchObject({
      ...{ code: 'request_rejected', server: 'altinn', status: 401, traceId: TRACE, retryable: false },
      hint: {
        cause: 'Altinn refused a token of Maskinporten, and then a second one, without a reason',
        fix: expect.stringMatching(
          /^check that .* belong together .*platform\.altinn\.no.*tt02.* try again later/,
        ),
      },
    })
    expect(error.message).toMatch(/^No token from Altinn \(request_rejected, 401, trace id 84c1/)
    expect(kit.exchanges).toHaveLength(2)
  })

  it('when Maskinporten’s token expires before its exchange, the exchange is repeated with a new token', async () => {
    const { altinn } = kit
    kit.altinn = (input, init) => {
      if (kit.exchanges.length === 1) kit.clock.advance(131)
      return altinn(input, init)
    }
    await expect(
      kit.client({ attemptTimeout: 200, totalTimeout: 200 }).getToken(REQUEST),
    ).resolves.toBeDefined()
    expect(kit.exchanges).toHaveLength(2)
  })
})

describe('an outage of Altinn', () => {
  test.each<[string, number, () => Response]>([
    ['a 503', 0.2, () => new Response('', { status: 503 })],
    [
      'a 429 and its Retry-After',
      3,
      () => new Response('', { status: 429, headers: { 'retry-after': '3' } }),
    ],
  ])(
    'after %s, the exchange at Altinn is repeated with the same Maskinporten token',
    async (_title, seconds, answer) => {
      answering(answer)
      const work = kit.client().getToken(REQUEST)
      await settle()
      expect(kit.exchanges).toHaveLength(1)
      kit.clock.advance(seconds)
      await expect(work).resolves.toBeDefined()
      expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([1, 2])
    },
  )

  it.each([
    [59, 1],
    [60, 2],
  ])(
    'if an exchange is repeated when its 120-second token is %d s old, the number of token requests is %d',
    async (seconds, requests) => {
      answering(() => new Response('', { status: 503, headers: { 'retry-after': String(seconds) } }))
      const work = kit.client({ totalTimeout: 100 }).getToken(REQUEST)
      await settle()
      kit.clock.advance(seconds)
      await expect(work).resolves.toBeDefined()
      expect(kit.tokenRequests).toHaveLength(requests)
    },
  )

  it('an outage of Altinn during every attempt is reported as an error of Altinn', async () => {
    kit.altinn = async () => problem(500)
    const error = errorOf(kit.client().getToken(REQUEST))
    await pass(kit.clock, 3)
    expect(await error).toMatchObject({
      ...{ code: 'unavailable', server: 'altinn', status: 500, traceId: TRACE, retryable: true },
      hint: { cause: 'it is overloaded or failing', fix: 'try again later' },
    })
    expect([kit.tokenRequests.length, kit.exchanges.length]).toEqual([1, 4])
  })

  it('the error of a failed exchange has the seconds of Altinn’s Retry-After', async () => {
    kit.altinn = async () => new Response('', { status: 429, headers: { 'retry-after': '30' } })
    const error = await errorOf(kit.client({ totalTimeout: 1 }).getToken(REQUEST))
    expect(error).toMatchObject({ code: 'unavailable', server: 'altinn', status: 429, retryAfter: 30 })
  })

  it('an exchange that hangs ends at the total timeout, and the error names Altinn', async () => {
    kit.altinn = never
    const error = errorOf(kit.client({ totalTimeout: 4 }).getToken(REQUEST))
    await pass(kit.clock, 4)
    expect(await error).toMatchObject({ code: 'unavailable', server: 'altinn', retryable: true })
    expect((await error).message).toMatch(/^No token from Altinn \(unavailable\): it did not answer in time/)
  })

  it('a network failure of an exchange is reported as an error of Altinn with the system code of the failure', async () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
    kit.altinn = () => Promise.reject(new TypeError('fetch failed', { cause: refused }))
    const error = await errorOf(kit.client({ totalTimeout: 0.1 }).getToken(REQUEST))
    expect(error).toMatchObject({ code: 'unavailable', server: 'altinn', cause: { code: 'ECONNREFUSED' } })
    expect(error.message).toContain('No token from Altinn (unavailable): it cannot be reached (ECONNREFUSED)')
  })

  it('a Maskinporten token that arrives after the end of its attempt is not exchanged', async () => {
    let answerNow = () => {}
    const { answer } = kit
    kit.answer = (input, init) =>
      new Promise((resolve) => {
        answerNow = () => resolve(answer(input, init))
      })
    const error = errorOf(kit.client({ totalTimeout: 1 }).getToken(REQUEST))
    await pass(kit.clock, 1)
    expect(await error).toMatchObject({ code: 'unavailable', server: 'maskinporten' })
    answerNow()
    await settle()
    expect(kit.exchanges).toEqual([])
  })

  it('an outage of Altinn does not affect callers while the exchanged token is valid', async () => {
    const client = kit.client()
    const token = await client.getToken(REQUEST)
    kit.altinn = async () => new Response('', { status: 503 })
    kit.clock.advance(1300)
    expect(await client.getToken(REQUEST)).toEqual(token)
    await pass(kit.clock, 5)
    expect(await client.getToken(REQUEST)).toEqual(token)
  })
})

describe('an answer that is not a token', () => {
  const page = '<!doctype html><title>Sign in to this network</title>'
  const text = (token: string) => () => new Response(token)
  test.each<[string, () => Response]>([
    ['a page', text(page)],
    ['a token response like Maskinporten’s', () => Response.json({ access_token: 'a.b.c', expires_in: 60 })],
    ['empty', text('')],
    ['a token of two parts', text('eyJ9.eyJ9')],
    ['a token whose parts are not JSON', text('a.b.c')],
    ['a token after other text', () => new Response(`x ${tokenThatExpires(kit.clock, { inSeconds: 60 })}`)],
    ['a token before other text', () => new Response(`${tokenThatExpires(kit.clock, { inSeconds: 60 })} x`)],
    [
      'a token without an expiry',
      () => new Response(tokenThatExpires(kit.clock, { inSeconds: 60, exp: undefined })),
    ],
    [
      'a token whose expiry is a string',
      () => new Response(tokenThatExpires(kit.clock, { inSeconds: 60, exp: '60' })),
    ],
    [
      'larger than 256 KiB',
      () => new Response(' '.repeat(256 * 1024) + tokenThatExpires(kit.clock, { inSeconds: 60 })),
    ],
    ['a 404', () => new Response('', { status: 404 })],
    ['a 400', () => new Response('Invalid token provider: x.', { status: 400 })],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://x.no/' } })],
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

  it.each([0, -1, 8 * 86_400])(
    'an exchanged token that expires in %d seconds is not used, and the hint is about the clock',
    async (inSeconds) => {
      kit.altinn = async () => new Response(tokenThatExpires(kit.clock, { inSeconds, iat: undefined }))
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

it('a 410 of Altinn is reported as a refusal, and the hint names the header of enterprise users', async () => {
  const { altinn } = kit
  kit.altinn = (input, init) => {
    const headers = {
      ...Object.fromEntries(new Headers(init?.headers)),
      'x-altinn-enterpriseuser-authentication': 'x',
    }
    return altinn(input, { ...init, headers })
  }
  expect(await errorOf(kit.client().getToken(REQUEST))).toMatchObject({
    ...{
      code: 'request_rejected',
      server: 'altinn',
      status: 410,
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
    hint: {
      cause: expect.stringContaining('X-Altinn-EnterpriseUser-Authentication'),
      fix: expect.stringMatching(/^remove the header .* use a system user instead$/),
    },
  })
})

it('a refusal by Maskinporten is reported as an error of Maskinporten, and nothing is exchanged', async () => {
  const error = await errorOf(kit.client().getToken({ scope: 'nav:others', altinn: true }))
  expect(error).toMatchObject({
    code: 'request_rejected',
    server: 'maskinporten',
    maskinportenCode: 'MP-250',
  })
  expect(kit.exchanges).toEqual([])
})
