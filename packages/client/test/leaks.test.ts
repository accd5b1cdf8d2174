import { beforeEach, describe, expect, it, test } from 'vitest'
import { HOSTILE_FETCHES, HOSTILE_RESPONSES } from '../../../test/contract/security/hostile-fetch.js'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import { type ClientKey, consent, type Fetch, MaskinportenClientError } from '../src/index.js'
import { CUSTOMER, errorOf, issued, kit, SCOPE, tokenIn, useKit } from './kit.js'

const PID = '01010199999'
const EXCHANGED = { scope: SCOPE, altinn: true }
const API = 'https://api.example.no/'

useKit()
let scanner: LeakScanner
beforeEach(() => {
  scanner = new LeakScanner()
  scanner.guardWhole(PID)
})

const assertionIn = (init: RequestInit | undefined) =>
  new URLSearchParams(String(init?.body)).get('assertion') ?? ''

/** Wraps `fetch` so that the scanner searches for every assertion and token that is sent. */
const watching =
  (fetch: Fetch): Fetch =>
  (input, init) => {
    scanner.guard(assertionIn(init))
    scanner.guard(tokenIn(init))
    return fetch(input, init)
  }

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } })

/** A total timeout shorter than the first pause, so that the first failure is the outcome. */
const once = { totalTimeout: 0.1 }

describe('the error of a token request', () => {
  const refusal = (error_description: string) =>
    Response.json({ error: 'invalid_grant', error_description }, { status: 400 })
  const busy = (after: string) => new Response(null, { status: 429, headers: { 'retry-after': after } })

  test.each<[string, (assertion: string) => Response]>([
    ['a refusal with it in the description', (assertion) => refusal(`MP-110 ${assertion}`)],
    ['a page that contains it', (assertion) => new Response(`<p>${assertion}`, { status: 200 })],
    ['a redirect with it in the address', (assertion) => redirect(`https://evil.example/?${assertion}`)],
    ['a token with a line break', (assertion) => issued({ access_token: `${assertion}\r\nX-Injected: 1` })],
    ['a header with it', (assertion) => busy(assertion)],
  ])('the error of a token request does not repeat the assertion from %s', async (_title, answer) => {
    let assertion = ''
    kit.answer = async (_input, init) => {
      assertion = assertionIn(init)
      return answer(assertion)
    }
    const error = await errorOf(kit.client(once).getToken({ scope: SCOPE, pid: PID }))
    expect(assertion.length).toBeGreaterThan(400)
    scanner.guard(assertion)
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })

  test.each([...HOSTILE_FETCHES, ...HOSTILE_RESPONSES.filter(([title]) => !title.includes('discarded'))])(
    'the error of a request for metadata or a token, also from Texas, shows no secret when `fetch` fails with %s',
    async (_title, fetch) => {
      kit.answer = watching(fetch)
      // A request for metadata has no secret, so its address stands for one.
      scanner.guard('/.well-known/oauth-authorization-server')
      const authorizationDetails = [consent('a1b2c3d4-0000-4000-8000-000000000000', PID)]
      for (const client of [kit.client(once), kit.clientByMetadata(once), kit.texasClient(once)]) {
        const error = await errorOf(client.getToken({ scope: SCOPE, authorizationDetails }))
        expect(error).toMatchObject({ code: 'unavailable', retryable: true, cause: expect.any(Error) })
        expect(scanner.findIn(everythingShownOf(error))).toEqual([])
      }
      expect(kit.requests).toBe(3)
    },
  )
})

describe('the error of an exchange', () => {
  const problem = (members: object) => Response.json({ status: 401, ...members }, { status: 401 })
  async function expectNoTokenInError() {
    const error = await errorOf(kit.client(once).getToken(EXCHANGED))
    expect(error.server).toBe('altinn')
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  }

  test.each<[string, (tokens: string, exchanged: string) => Response]>([
    ['a token and a second header', (_all, exchanged) => new Response(`${exchanged}\r\nX-Injected: 1`)],
    ['a token with other claims', (_all, exchanged) => new Response(exchanged.replace('.', '.x'))],
    ['a problem document', (all) => problem({ title: all, detail: all, traceId: `00-${all}` })],
    ['a 503', (all) => new Response(all, { status: 503, headers: { 'retry-after': all } })],
  ])('the error of an exchange repeats no token from an answer that is %s', async (_title, answer) => {
    const { altinn } = kit
    kit.altinn = async (input, init) => {
      const exchanged = await (await altinn(input, init)).text()
      for (const token of [tokenIn(init), exchanged]) scanner.guard(token)
      return answer(`${tokenIn(init)} ${exchanged}`, exchanged)
    }
    await expectNoTokenInError()
  })

  test.each(HOSTILE_FETCHES)(
    'the error of an exchange shows no token when `fetch` fails with %s',
    async (_title, fetch) => {
      kit.altinn = watching(fetch)
      await expectNoTokenInError()
    },
  )
})

describe('the error of a call', () => {
  const callWith = (fetch: Fetch, init?: RequestInit) => {
    const call = kit.callTo(watching(fetch))
    return call(API, { method: 'POST', body: 'x', ...init })
  }

  test.each(HOSTILE_FETCHES)(
    'the error of a call shows no token when `fetch` fails with %s',
    async (_title, fetch) => {
      for (const init of [{}, { redirect: 'manual' } as const]) {
        const error = await callWith(fetch, init).catch((thrown: unknown) => thrown)
        // The error has the same name and message as an error of the standard `fetch`.
        expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: expect.any(Error) })
        expect(scanner.findIn(everythingShownOf(error))).toEqual([])
      }
    },
  )

  it('a call returns a response with status 401 even if the body of the response cannot be discarded', async () => {
    const [, fetch] = HOSTILE_RESPONSES.find(([title]) => title.includes('discarded')) ?? []
    if (!fetch) throw new Error('no such response')
    expect((await callWith(fetch)).status).toBe(401)
  })

  it('the error of a call keeps the system code of a refused connection', async () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const call = callWith(() => Promise.reject(new TypeError('fetch failed', { cause: refused })))
    await expect(call).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })
})

describe('a failing `sign` function', () => {
  type Sign = Extract<ClientKey, { readonly sign: unknown }>['sign']
  const quoting = (data: Uint8Array) => new TextDecoder().decode(data)

  const outcomeOf = async (sign: (data: Uint8Array) => unknown) => {
    const watched = (data: Uint8Array) => {
      scanner.guard(quoting(data))
      return sign(data)
    }
    const client = kit.client({ key: { sign: watched as Sign, keyId: 'kid' }, ...once })
    const error = await errorOf(client.getToken({ scope: SCOPE, pid: PID }))
    expect(kit.requests).toBe(0)
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
    return error
  }

  const foreign = (data: Uint8Array) => {
    const hint = { cause: quoting(data), fix: quoting(data) }
    return new MaskinportenClientError('request_rejected', { hint, status: 400 })
  }
  test.each<[string, (data: Uint8Array) => unknown]>([
    ['a string', quoting],
    ['undefined', () => undefined],
    ['an error that holds the input', (data) => Object.assign(new Error(quoting(data)), { data })],
    ['an error with a cause', (data) => new Error('x', { cause: new Error(quoting(data)) })],
    ['an error of another client', foreign],
  ])(
    'when a `sign` function rejects with %s, the client’s error is retryable and hides the signing input',
    async (_title, failure) => {
      expect(await outcomeOf((data) => Promise.reject(failure(data)))).toMatchObject({
        ...{ code: 'signing_failed', retryable: true, status: undefined },
        hint: {
          cause: 'the `sign` function of the key failed',
          fix: 'check that the KMS answers and allows the use of the key',
        },
      })
    },
  )

  it('the client’s error has the name and code of an error that `sign` throws, but not its message', async () => {
    const error = await outcomeOf((data) => {
      throw Object.assign(new Error(quoting(data)), { name: 'AccessDeniedException', code: 'EACCES' })
    })
    expect(error.hint.cause).toContain('failed (EACCES)')
    expect(error.cause).toMatchObject({ name: 'AccessDeniedException', code: 'EACCES' })
  })

  test.each<[string, (data: Uint8Array) => unknown]>([
    ['its input as a string', quoting],
    ['an answer of a KMS', (data) => ({ Signature: data })],
    ['an ArrayBuffer', (data) => data.slice().buffer],
    ['an empty Uint8Array', () => new Uint8Array()],
    ['a DataView', (data) => new DataView(data.slice().buffer)],
  ])(
    'when a `sign` function returns %s, the error says it is not a signature and hides the signing input',
    async (_title, sign) => {
      expect(await outcomeOf(sign)).toMatchObject({
        code: 'signing_failed',
        retryable: false,
        hint: {
          cause: 'the `sign` function of the key did not return a signature',
          fix: 'return the bytes of the signature as a Uint8Array',
        },
      })
    },
  )
})

it('inspecting a client, or the results of its `for` and `fetch`, shows neither key nor tokens', async () => {
  const { jwk } = kit
  const client = kit.client({ key: { jwk } })
  const { accessToken } = await client.getToken({ scope: SCOPE })
  const exchanged = await client.getToken(EXCHANGED)
  for (const secret of [accessToken, exchanged.accessToken, jwk.d, jwk.p]) scanner.guard(String(secret))
  const parts = [client, client.for({ consumerOrg: CUSTOMER }), client.fetch({ scope: SCOPE })]
  expect(scanner.findIn(everythingShownOf(parts))).toEqual([])
})

it('the error for a JWK that is damaged in a way that only the runtime notices does not show the key', async () => {
  const jwk = { ...kit.jwk, n: `${kit.jwk.n}A` }
  for (const member of [jwk.d, jwk.p, jwk.q]) scanner.guard(member ?? '')
  const error = await errorOf(kit.client({ key: { jwk } }).getToken({ scope: SCOPE }))
  expect(error).toMatchObject({
    ...{ code: 'signing_failed', retryable: false },
    hint: {
      cause: 'the private key cannot sign',
      fix: 'the key may be damaged: copy it again, or register a new one',
    },
  })
  expect(scanner.findIn(everythingShownOf(error))).toEqual([])
})
