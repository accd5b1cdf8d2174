import { generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { HOSTILE_FETCHES, HOSTILE_RESPONSES } from '../../../test/contract/security/hostile-fetch.js'
import { everythingShownOf, LeakScanner } from '../../../test/contract/security/leaks.js'
import { type ClientKey, consent, type Fetch, MaskinportenClientError } from '../src/index.js'
import { CUSTOMER, createKit, errorOf, issued, type Kit, SCOPE, thrownBy } from './kit.js'

const PID = '01010199999'
const EXCHANGED = { scope: SCOPE, altinn: true }
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

/** Wraps `fetch` so that the scanner searches for every assertion and token that is sent. */
const watching =
  (fetch: Fetch): Fetch =>
  (input, init) => {
    scanner.guard(assertionIn(init))
    scanner.guard(new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? '')
    return fetch(input, init)
  }

/** A total timeout shorter than the first pause, so that the first failure is the outcome. */
const once = { totalTimeout: 0.1 }

describe('the error of a token request', () => {
  const redirect = (location: string) => new Response(null, { status: 302, headers: { location } })
  const refusal = (error: string, error_description: string) =>
    Response.json({ error, error_description }, { status: 400 })

  test.each<[string, (assertion: string) => Response]>([
    [
      'a refusal with the assertion in its description',
      (assertion) => refusal('invalid_grant', `MP-110 ${assertion}`),
    ],
    ['a refusal with the assertion as `error`', (assertion) => refusal(assertion, 'no')],
    ['a page that contains the assertion', (assertion) => new Response(`<p>${assertion}`, { status: 200 })],
    ['a 500 with the assertion as its body', (assertion) => new Response(assertion, { status: 500 })],
    [
      'a redirect with the assertion in its address',
      (assertion) => redirect(`https://evil.example/?${assertion}`),
    ],
    [
      'a malformed token that contains the assertion',
      (assertion) => issued({ access_token: `${assertion}\r\nX-Injected: 1` }),
    ],
    [
      'a status line with the assertion',
      (assertion) => new Response(null, { status: 403, statusText: assertion }),
    ],
    [
      'a header with the assertion',
      (assertion) => new Response(null, { status: 429, headers: { 'retry-after': assertion } }),
    ],
  ])('the error of a token request does not repeat the assertion after %s', async (_title, answer) => {
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
    'the error of a token request shows no secret when `fetch` fails with %s',
    async (_title, fetch) => {
      kit.answer = watching(fetch)
      const error = await errorOf(kit.client(once).getToken({ scope: SCOPE, pid: PID }))
      expect(error).toMatchObject({ code: 'unavailable', retryable: true, cause: expect.any(Error) })
      expect(kit.requests).toBe(1)
      expect(scanner.findIn(everythingShownOf(error))).toEqual([])
    },
  )

  test.each(HOSTILE_FETCHES)(
    'the error of a request to Texas shows no secret when `fetch` fails with %s',
    async (_title, fetch) => {
      kit.answer = fetch
      const authorizationDetails = [consent('a1b2c3d4-0000-4000-8000-000000000000', PID)]
      const error = await errorOf(kit.texasClient(once).getToken({ scope: SCOPE, authorizationDetails }))
      expect(error).toMatchObject({ code: 'unavailable', retryable: true })
      expect(scanner.findIn(everythingShownOf(error))).toEqual([])
    },
  )

  it('the error for unreachable metadata contains only the system code of the original error', async () => {
    const refused = Object.assign(new Error(`connect to ${PID}`), { code: 'ENOTFOUND' })
    kit.answer = () => Promise.reject(new TypeError('fetch failed', { cause: refused }))
    const error = await errorOf(kit.clientByMetadata(once).getToken({ scope: SCOPE, pid: PID }))
    expect(error.message).toContain('it cannot be reached (ENOTFOUND)')
    expect(error.cause).toMatchObject({ code: 'ENOTFOUND' })
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })

  const MALFORMED = ['a\r\nb', 'a\nb', 'a b', 'bokmål', 'a\u0000', 'a\u007f', 'a=b', 'a,b', '"a"', '\u2028']
  test.each(MALFORMED)('the error for the malformed token %j does not quote the token', async (token) => {
    const called: string[] = []
    kit.answer = async (input) => {
      called.push(String(input))
      return issued({ access_token: `opaque-token-${token}` })
    }
    for (const client of [kit.client(), kit.texasClient()]) {
      for (const work of [client.getToken({ scope: SCOPE }), client.fetch({ scope: SCOPE })(API)]) {
        const error = await errorOf(work)
        expect(error).toMatchObject({ code: 'unexpected_answer', status: 200, retryable: false })
        expect(everythingShownOf(error)).not.toContain('opaque-token')
      }
    }
    expect(called).not.toContain(API)
  })
})

describe.each([{ scope: SCOPE }, EXCHANGED])('the error of a call with a token for %j', (request) => {
  const callWith = (fetch: Fetch, init?: RequestInit) => {
    const { answer } = kit
    kit.answer = (...given) => (given[0] === API ? watching(fetch) : answer)(...given)
    const call = kit.client().fetch(request)
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

  test.each<[string, (data: Uint8Array) => unknown]>([
    ['a string', (data) => Promise.reject(quoting(data))],
    ['undefined', () => Promise.reject(undefined)],
    ['an error', (data) => Promise.reject(new Error(quoting(data)))],
    ['an error that holds the input', (data) => Promise.reject(Object.assign(new Error('x'), { data }))],
    ['an error with a cause', (data) => Promise.reject(new Error('x', { cause: new Error(quoting(data)) }))],
    [
      'an error of another client',
      (data) => {
        const hint = { cause: quoting(data), fix: quoting(data) }
        return Promise.reject(new MaskinportenClientError('request_rejected', { hint, status: 400 }))
      },
    ],
  ])(
    'when a `sign` function rejects with %s, the client’s error is retryable and hides the signing input',
    async (_title, sign) => {
      const expected = { code: 'signing_failed', retryable: true, status: undefined }
      expect(await outcomeOf(sign)).toMatchObject(expected)
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
    ['undefined', () => undefined],
    ['a number', () => 7],
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

describe('a private key', () => {
  it('inspecting a client, or the results of its `for` and `fetch`, shows neither key nor tokens', async () => {
    const { jwk, clientId } = await kit.mock.addClient({ scopes: [SCOPE] })
    if (!jwk?.d || !jwk.p) throw new Error('The mock makes private keys')
    const client = kit.client({ clientId, key: { jwk } })
    const { accessToken } = await client.getToken({ scope: SCOPE })
    const exchanged = await client.getToken(EXCHANGED)
    for (const secret of [accessToken, exchanged.accessToken, jwk.d, jwk.p]) scanner.guard(secret)
    const parts = [client, client.for({ consumerOrg: CUSTOMER }), client.fetch({ scope: SCOPE })]
    expect(scanner.findIn(everythingShownOf(parts))).toEqual([])
  })

  const expectHidden = (key: unknown) => {
    const thrown = thrownBy(() => kit.client({ key: key as ClientKey }))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(scanner.findIn(everythingShownOf(thrown))).toEqual([])
  }

  test.each<[string, (jwk: JWK) => unknown]>([
    ['without a key id', ({ kid: _kid, ...jwk }) => ({ jwk })],
    ['as JSON that is cut off', (jwk) => ({ jwk: JSON.stringify(jwk).slice(0, -9) })],
    ['that is encoded as JSON twice', (jwk) => ({ jwk: JSON.stringify(JSON.stringify(jwk)) })],
    ['of another key type', (jwk) => ({ jwk: { ...jwk, kty: 'oct' } })],
  ])('the error for a JWK %s does not show the key', async (_title, spoil) => {
    const { jwk } = await kit.mock.addClient({ scopes: [SCOPE] })
    scanner.guard(jwk?.d ?? '')
    expectHidden(spoil(jwk ?? {}))
  })

  const short = () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  test.each([
    ['an EC key', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['a key of 1024 bits', short],
  ])('the error for %s in PEM does not show the key', (_title, make) => {
    const pem = make().export({ type: 'pkcs8', format: 'pem' }).toString()
    scanner.guard(pem.replaceAll('\n', ''))
    for (const line of pem.split('\n')) scanner.guard(line)
    expectHidden({ pem, keyId: 'kid' })
  })

  it('the error for a JWK that is too short to sign does not show the key', async () => {
    const jwk = { ...short().export({ format: 'jwk' }), kid: 'kid' }
    for (const member of [jwk.d, jwk.p, jwk.q]) scanner.guard(member ?? '')
    const error = await errorOf(kit.client({ key: { jwk } }).getToken({ scope: SCOPE }))
    expect(error).toMatchObject({ code: 'signing_failed', retryable: false })
    expect(scanner.findIn(everythingShownOf(error))).toEqual([])
  })
})
