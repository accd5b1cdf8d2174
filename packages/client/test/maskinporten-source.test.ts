import { createTestClock } from '@portvakt/mock'
import { expect, it, test } from 'vitest'
import type { Fetch } from '../src/exchange.js'
import { maskinportenSource } from '../src/maskinporten-source.js'
import { prepareTokenRequest, type TokenRequest } from '../src/token-request.js'
import { attempt, issued } from './kit.js'

const clock = createTestClock(1_800_000_000_500)
const PLAIN = { aud: 'https://x.no/', iss: 'client', iat: 1_800_000_000, exp: 1_800_000_030 }

/** Requests a token twice. Returns the signed claims, the requests, and the steps that the attempt waited for. */
async function requested(
  request: Omit<TokenRequest, 'scope'> = {},
  consumerOrg?: string,
  signal?: AbortSignal,
) {
  const given = attempt(signal)
  const signed: Record<string, unknown>[] = []
  const sent: [string, RequestInit | undefined][] = []
  const waits: string[] = []
  const fetch: Fetch = async (input, init) => {
    waits.push(given.waitsFor)
    sent.push([String(input), init])
    return issued()
  }
  const sign = async (claims: object) => {
    expect(given.signal.aborted).toBe(false)
    waits.push(given.waitsFor)
    // JSON drops undefined members, as it does in an assertion.
    signed.push(JSON.parse(JSON.stringify(claims)))
    return 'an.assertion.signed'
  }
  const endpoint = async () => ({ issuer: 'https://x.no/', tokenEndpoint: 'https://x.no/token' })
  const source = maskinportenSource('client', sign, endpoint, { fetch, clock })
  const checked = prepareTokenRequest({ scope: 'nav:a', ...request }, consumerOrg)
  for (let time = 0; time < 2; time++) await source.request(checked, false, given)
  return { signed, sent, waits }
}

const details = [{ type: 'x' }]
test.each<[string, Omit<TokenRequest, 'scope'>, string | undefined, object]>([
  ['scopes', {}, undefined, {}],
  ['a resource', { resource: 'https://a.no' }, undefined, { resource: 'https://a.no' }],
  ['a person', { pid: '01010199999' }, undefined, { pid: '01010199999' }],
  ['authorization details', { authorizationDetails: details }, undefined, { authorization_details: details }],
  ['a customer', {}, '314168267', { consumer_org: '314168267' }],
])(
  'an assertion for %s has exactly the requested claims, and expires after 30 seconds',
  async (_title, request, customer, members) => {
    const { signed } = await requested(request, customer)
    expect(signed[0]).toStrictEqual({ ...PLAIN, scope: 'nav:a', ...members, jti: expect.any(String) })
  },
)

it('each attempt to get a token signs a new assertion', async () => {
  const { signed } = await requested()
  expect(new Set(signed.map((claims) => claims['jti'])).size).toBe(2)
})

it('an assertion is sent as a form parameter of a POST request (RFC 7523 §2.1)', async () => {
  const { sent } = await requested()
  const [url, init] = sent[0] ?? []
  expect([url, init?.method]).toEqual(['https://x.no/token', 'POST'])
  expect(init?.body).toBeInstanceOf(URLSearchParams)
  expect(Object.fromEntries(init?.body as URLSearchParams)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'an.assertion.signed',
  })
})

it('`waitsFor` of an attempt is `signature` while the client signs, and then `answer`', async () => {
  const { waits } = await requested()
  expect(waits).toEqual(['signature', 'answer', 'signature', 'answer'])
})

it('no assertion is signed when the token endpoint is found after the attempt has ended', async () => {
  const ended = requested({}, undefined, AbortSignal.abort())
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' })
})
