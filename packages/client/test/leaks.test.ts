import { generateKeyPairSync } from 'node:crypto'
import { createTestClock } from '@portvakt/mock'
import type { JWK } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { HOSTILE_FETCHES, HOSTILE_RESPONSES } from '../../../test/security/hostile-fetch.js'
import { everythingShownOf, LeakScanner } from '../../../test/security/leaks.js'
import {
  type ClientKey,
  consent,
  createMaskinportenClient,
  type Fetch,
  type MaskinportenClient,
  MaskinportenClientError,
} from '../src/index.js'
import { CUSTOMER, createKit, errorOf, type Kit, SCOPE } from './kit.js'

const PID = '01010199999'
const API = 'https://api.example.no/'

let kit: Kit
let scanner: LeakScanner
beforeEach(async () => {
  kit = await createKit()
  scanner = new LeakScanner()
  scanner.guardWhole(PID)
})

const assertionIn = (init: RequestInit | undefined) =>
  new URLSearchParams(String(init?.body)).get('assertion') ?? ''

/** What guards every assertion, token and body that is sent through it. */
const watching =
  (fetch: Fetch): Fetch =>
  (input, init) => {
    scanner.guard(assertionIn(init))
    scanner.guard(new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '')
    return fetch(input, init)
  }

/** The clock stands still, so that the first failure is the outcome. */
const once = { totalTimeout: 0.1 }

describe('no error contains a token, an assertion, a key or a pid', () => {
  test.each<[string, (assertion: string) => Response | Promise<Response>]>([
    ['a refusal that repeats it', (assertion) => refusal('invalid_grant', `MP-110 ${assertion}`)],
    ['a refusal with it for a code', (assertion) => refusal(assertion, 'no')],
    ['a page that repeats it', (assertion) => new Response(`<p>${assertion}`, { status: 200 })],
    ['a failure that repeats it', (assertion) => new Response(assertion, { status: 500 })],
    ['a redirect with it', (assertion) => redirect(`https://evil.example/?${assertion}`)],
    ['a token that is not one', (assertion) => issued(`${assertion}\r\nX-Injected: 1`)],
    ['a status line with it', (assertion) => new Response(null, { status: 403, statusText: assertion })],
    [
      'a header with it',
      (assertion) => new Response(null, { status: 429, headers: { 'retry-after': assertion } }),
    ],
  ])('after %s', async (_title, answer) => {
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
    'when `fetch` fails with %s',
    async (_title, fetch) => {
      kit.answer = watching(fetch)
      const error = await errorOf(kit.client(once).getToken({ scope: SCOPE, pid: PID }))
      expect(error).toMatchObject({ code: 'unavailable', retryable: true, cause: expect.any(Error) })
      expect(kit.requests).toBe(1)
      expect(scanner.findIn(everythingShownOf(error))).toEqual([])
    },
  )

  test.each(HOSTILE_FETCHES)('when the `fetch` to Texas fails with %s', async (_title, fetch) => {
    const { clock = kit.clock } = kit.options
    const texas = 'http://127.0.0.1:7164/api/v1/token'
    const client = createMaskinportenClient({ texas, fetch, clock, ...once })
    const authorizationDetails = [consent('a1b2c3d4-0000-4000-8000-000000000000', PID)]
    const error = await errorOf(client.getToken({ scope: SCOPE, authorizationDetails }))
    expect(error).toMatchObject({ code: 'unavailable', retryable: true })
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })

  it('when metadata cannot be read, and names the system’s code for the operator', async () => {
    const { issuer = '', clientId = '', key = { jwk: '' }, clock = kit.clock } = kit.options
    const refused = Object.assign(new Error(`connect to ${PID}`), { code: 'ENOTFOUND' })
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: refused }))
    const client = createMaskinportenClient({ issuer, clientId, key, clock, fetch, ...once })
    const error = await errorOf(client.getToken({ scope: SCOPE, pid: PID }))
    expect(error.message).toContain('it cannot be reached (ENOTFOUND)')
    expect(error.cause).toMatchObject({ code: 'ENOTFOUND' })
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })
})

describe('a call of an API shows no token', () => {
  const callWith = (fetch: Fetch, init?: RequestInit) => {
    const { answer } = kit
    kit.answer = (...given) =>
      (String(given[0]).startsWith(kit.mock.issuer) ? answer : watching(fetch))(...given)
    const call = kit.client().fetch({ scope: SCOPE })
    return call(API, { method: 'POST', body: 'x', ...init })
  }

  test.each(HOSTILE_FETCHES)('when `fetch` fails with %s', async (_title, fetch) => {
    for (const init of [{}, { redirect: 'manual' } as const]) {
      const error = await callWith(fetch, init).catch((thrown: unknown) => thrown)
      // As the standard `fetch` rejects when the network fails.
      expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: expect.any(Error) })
      expect(scanner.findIn(everythingShownOf(error))).toEqual([])
    }
  })

  it('when a response of 401 cannot be discarded', async () => {
    const [, fetch] = HOSTILE_RESPONSES.find(([title]) => title.includes('discarded')) ?? []
    if (!fetch) throw new Error('There is such a response')
    expect((await callWith(fetch)).status).toBe(401)
  })

  it('keeps the code by which a caller tells a refused connection', async () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const call = callWith(() => Promise.reject(new TypeError('fetch failed', { cause: refused })))
    await expect(call).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })
})

describe('a token that cannot be sent in a header is an unexpected answer', () => {
  const clock = createTestClock()
  const fetch = (accessToken: string) => async () => issued(`opaque-token-${accessToken}`)
  const sources: [string, (accessToken: string) => MaskinportenClient][] = [
    ['Maskinporten', (accessToken) => kit.client({ fetch: fetch(accessToken) })],
    [
      'Texas',
      (accessToken) =>
        createMaskinportenClient({ texas: 'http://127.0.0.1:7164/', fetch: fetch(accessToken), clock }),
    ],
  ]

  describe.each(sources)('of %s', (_title, clientFor) => {
    test.each(['a\r\nb', 'a\nb', 'a b', 'bokmål', 'a\u0000', 'a\u007f', 'a=b', 'a,b', '"a"', '\u2028'])(
      '%j, which no error quotes',
      async (accessToken) => {
        const client = clientFor(accessToken)
        for (const work of [client.getToken({ scope: SCOPE }), client.fetch({ scope: SCOPE })(API)]) {
          const error = await errorOf(work)
          expect(error).toMatchObject({ code: 'unexpected_answer', status: 200, retryable: false })
          expect(everythingShownOf(error)).not.toContain('opaque-token')
        }
      },
    )
  })
})

describe('a failing `sign` function shows nothing of what it was to sign', () => {
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

  test.each<[string, (data: Uint8Array) => unknown]>([
    ['a text', (data) => Promise.reject(quoting(data))],
    ['nothing', () => Promise.reject(undefined)],
    ['an error', (data) => Promise.reject(new Error(quoting(data)))],
    ['an error with the bytes', (data) => Promise.reject(Object.assign(new Error('x'), { data }))],
    ['causes of causes', (data) => Promise.reject(new Error('x', { cause: new Error(quoting(data)) }))],
    [
      'an error of another client',
      (data) =>
        Promise.reject(
          new MaskinportenClientError('request_rejected', {
            hint: { cause: quoting(data), fix: quoting(data) },
            status: 400,
          }),
        ),
    ],
  ])('when it rejects with %s: it may be tried again', async (_title, sign) => {
    expect(await outcomeOf(sign)).toMatchObject({
      code: 'signing_failed',
      retryable: true,
      status: undefined,
    })
  })

  it('when it throws, and names the code for the operator', async () => {
    const error = await outcomeOf((data) => {
      throw Object.assign(new Error(quoting(data)), { name: 'AccessDeniedException', code: 'EACCES' })
    })
    expect(error.hint.cause).toContain('failed (EACCES)')
    expect(error.cause).toMatchObject({ name: 'AccessDeniedException', code: 'EACCES' })
  })

  test.each<[string, (data: Uint8Array) => unknown]>([
    ['nothing', () => undefined],
    ['a number', () => 7],
    ['the text of it', quoting],
    ['an answer of a KMS', (data) => ({ Signature: data })],
    ['a buffer without a view', (data) => data.slice().buffer],
    ['no bytes', () => new Uint8Array()],
    ['a view of another kind', (data) => new DataView(data.slice().buffer)],
  ])('when it returns %s, which is not a signature', async (_title, sign) => {
    expect(await outcomeOf(sign)).toMatchObject({
      code: 'signing_failed',
      retryable: false,
      hint: {
        cause: 'the `sign` function of the key did not return a signature',
        fix: 'it must return the bytes of the signature, as a Uint8Array',
      },
    })
  })
})

describe('no output contains a key', () => {
  it('by a client that has it, and tokens', async () => {
    const { jwk } = await kit.mock.addClient({ scopes: [SCOPE] })
    if (!jwk?.d || !jwk.p) throw new Error('The mock makes private keys')
    const client = kit.client({ key: { jwk } })
    const { accessToken } = await kit.client().getToken({ scope: SCOPE })
    for (const secret of [accessToken, jwk.d, jwk.p]) scanner.guard(secret)
    const parts = [client, client.for({ consumerOrg: CUSTOMER }), client.fetch({ scope: SCOPE })]
    expect(scanner.findIn(everythingShownOf(parts))).toEqual([])
  })

  test.each<[string, (jwk: JWK) => unknown]>([
    ['no key id', ({ kid: _kid, ...jwk }) => ({ jwk })],
    ['JSON that is cut off', (jwk) => ({ jwk: JSON.stringify(jwk).slice(0, -9) })],
    ['JSON in JSON', (jwk) => ({ jwk: JSON.stringify(JSON.stringify(jwk)) })],
    ['a key for something else', (jwk) => ({ jwk: { ...jwk, kty: 'oct' } })],
  ])('by what is thrown for a key with %s', async (_title, spoil) => {
    const { jwk } = await kit.mock.addClient({ scopes: [SCOPE] })
    scanner.guard(jwk?.d ?? '')
    let thrown: unknown
    try {
      kit.client({ key: spoil(jwk ?? {}) as ClientKey })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(scanner.findIn(everythingShownOf(thrown))).toEqual([])
  })

  const pem = { type: 'pkcs8', format: 'pem' } as const
  test.each([
    ['of another kind', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['that is too short', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
  ])('by what is thrown for a key %s, which cannot sign', (_title, make) => {
    const text = make().export(pem).toString()
    scanner.guard(text.replaceAll('\n', ''))
    for (const line of text.split('\n')) scanner.guard(line)
    let thrown: unknown
    try {
      kit.client({ key: { pem: text, keyId: 'kid' } })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(scanner.findIn(everythingShownOf(thrown))).toEqual([])
  })

  it('by the error of a JWK that is too short to sign', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'kid' }
    for (const member of [jwk.d, jwk.p, jwk.q]) scanner.guard(member ?? '')
    const error = await errorOf(kit.client({ key: { jwk } }).getToken({ scope: SCOPE }))
    expect(error).toMatchObject({ code: 'signing_failed', retryable: false })
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })
})

function issued(accessToken: string): Response {
  return Response.json({ access_token: accessToken, token_type: 'Bearer', expires_in: 120 })
}

function refusal(error: string, description: string): Response {
  return Response.json({ error, error_description: description }, { status: 400 })
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}
