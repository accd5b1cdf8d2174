import { createTestClock } from '@portvakt/mock'
import { describe, expect, test, vi } from 'vitest'
import type { Fetch } from '../src/exchange.js'
import { texasSource } from '../src/texas-source.js'
import { prepareTokenRequest, type TokenRequest } from '../src/token-request.js'
import { attempt } from './kit.js'

const ENDPOINT = 'http://127.0.0.1:3000/api/v1/token'
const answered = async () => Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })

/** What Texas is sent for a token request. */
async function sentFor(request: TokenRequest, skipCache = false): Promise<unknown> {
  const fetch = vi.fn<Fetch>(answered)
  const wire = { fetch, clock: createTestClock() }
  const token = await texasSource(ENDPOINT, wire).request(
    prepareTokenRequest(request, undefined),
    skipCache,
    attempt(),
  )
  expect(token).toEqual({ accessToken: 'x', expiresIn: 60, scope: undefined })
  const [url, init] = fetch.mock.calls[0] ?? []
  expect(url).toBe(ENDPOINT)
  expect(init).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } })
  return JSON.parse(String(init?.body))
}

describe('Texas is asked', () => {
  const plain = { identity_provider: 'maskinporten', target: 'nav:a nav:b' }
  const details = [{ type: 'x' }]

  test.each<[string, Omit<TokenRequest, 'scope'>, boolean, object]>([
    ['for scopes', {}, false, {}],
    ['for an API', { resource: 'https://a.no/' }, false, { resource: 'https://a.no/' }],
    ['for details', { authorizationDetails: details }, false, { authorization_details: details }],
    ['for a new token', {}, true, { skip_cache: true }],
  ])('%s', async (_title, request, skipCache, members) => {
    expect(await sentFor({ scope: 'nav:a nav:b', ...request }, skipCache)).toStrictEqual({
      ...plain,
      ...members,
    })
  })
})

describe('a request that Texas does not support', () => {
  test.each([
    ['consumerOrg', prepareTokenRequest({ scope: 'nav:a' }, '314168267')],
    ['pid', prepareTokenRequest({ scope: 'nav:a', pid: '01010199999' }, undefined)],
  ])('%s: nothing is sent, and the error names the member', async (member, request) => {
    const fetch = vi.fn<Fetch>(answered)
    const wire = { fetch, clock: createTestClock() }
    await expect(texasSource(ENDPOINT, wire).request(request, false, attempt())).rejects.toMatchObject({
      code: 'not_supported',
      hint: {
        cause: `Texas cannot get tokens with \`${member}\``,
        fix: "configure the client's own key instead",
      },
    })
    expect(fetch).not.toHaveBeenCalled()
  })
})
