import { createTestClock } from '@portvakt/mock'
import { expect, it, test } from 'vitest'
import { maskinportenSource } from '../src/maskinporten-source.js'
import { prepareTokenRequest, type TokenRequest } from '../src/token-request.js'
import { attempt } from './kit.js'

const clock = createTestClock(1_800_000_000_500)
const PLAIN = { aud: 'https://x.no/', iss: 'client', iat: 1_800_000_000, exp: 1_800_000_030 }

/** What is signed for a token request, and what is sent. */
async function requested(request: TokenRequest, consumerOrg?: string) {
  const signed: object[] = []
  const sent: [string, RequestInit | undefined][] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    sent.push([String(input), init])
    return Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })
  }
  const source = maskinportenSource(
    'client',
    async (claims) => {
      // As both kinds of signer write them: JSON drops undefined.
      signed.push(JSON.parse(JSON.stringify(claims)))
      return 'an.assertion.signed'
    },
    async () => ({ issuer: 'https://x.no/', tokenEndpoint: 'https://x.no/token' }),
    { fetch, clock },
  )
  const checked = prepareTokenRequest(request, consumerOrg)
  await source.request(checked, false, attempt())
  await source.request(checked, false, attempt())
  return { signed, sent }
}

const details = [{ type: 'x' }]
test.each<[string, Omit<TokenRequest, 'scope'>, string | undefined, object]>([
  ['scopes', {}, undefined, {}],
  ['an API', { resource: 'https://a.no' }, undefined, { resource: 'https://a.no' }],
  ['a person', { pid: '01010199999' }, undefined, { pid: '01010199999' }],
  ['details', { authorizationDetails: details }, undefined, { authorization_details: details }],
  ['a customer', {}, '314168267', { consumer_org: '314168267' }],
])('an assertion for %s says that, and lives for 30 seconds', async (_title, request, customer, members) => {
  const { signed } = await requested({ scope: 'nav:a', ...request }, customer)
  expect(signed[0]).toStrictEqual({ ...PLAIN, scope: 'nav:a', ...members, jti: expect.any(String) })
})

it('every attempt has an assertion of its own', async () => {
  const { signed } = await requested({ scope: 'nav:a' })
  expect(new Set(signed.map((claims) => Object.getOwnPropertyDescriptor(claims, 'jti')?.value)).size).toBe(2)
})

it('is sent by a POST, as a form (RFC 7523 §2.1)', async () => {
  const { sent } = await requested({ scope: 'nav:a' })
  const [url, init] = sent[0] ?? []
  expect([url, init?.method]).toEqual(['https://x.no/token', 'POST'])
  expect(init?.body).toBeInstanceOf(URLSearchParams)
  expect(Object.fromEntries(init?.body as URLSearchParams)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'an.assertion.signed',
  })
})
