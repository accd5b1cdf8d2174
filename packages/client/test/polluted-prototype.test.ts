import { expect, it, test } from 'vitest'
import { withPollutedPrototype } from '../../core/test/polluted-prototype.js'
import { MaskinportenClientError } from '../src/index.js'
import { allowsHttp, namedIssuer } from '../src/token-endpoint.js'
import { readTokenResponse } from '../src/token-response.js'
import { createKit, errorOf, ISSUER, issued, refusalOf, SCOPE, tokenThatExpires } from './kit.js'

const ISSUED = { access_token: 'opaque', token_type: 'Bearer', expires_in: 60, scope: 'nav:a' }

it('an answer without `scope` does not get the scope of a polluted Object.prototype', async () => {
  const { scope, ...body } = ISSUED
  const read = () => readTokenResponse({ status: 200, body, retryAfter: undefined }, ISSUER)
  expect(await withPollutedPrototype({ scope }, read)).toEqual({ accessToken: 'opaque', expiresIn: 60 })
})

it.each(['access_token', 'token_type', 'expires_in'] as const)(
  'an answer without `%s` is not completed by a polluted Object.prototype',
  async (name) => {
    const { [name]: value, ...body } = ISSUED
    const refusal = await withPollutedPrototype({ [name]: value }, () => refusalOf({ status: 200, body }))
    expect(refusal.code).toBe('unexpected_answer')
  },
)

test.each<[string, object, object]>([
  ['error', { error: 'invalid_scope' }, { code: 'unexpected_answer', error: undefined }],
  ['description', { error_description: 'MP-200 x' }, { description: undefined, maskinportenCode: undefined }],
  ['URI', { error_uri: 'https://docs.maskinporten.no/MP-200' }, { maskinportenCode: undefined }],
])('a refusal does not get the %s of a polluted Object.prototype', async (_title, members, expected) => {
  const body = 'error' in members ? {} : { error: 'invalid_request' }
  expect(await withPollutedPrototype(members, () => refusalOf({ body }))).toMatchObject(expected)
})

it('an exchanged token does not get the times of a polluted Object.prototype', async () => {
  const kit = await createKit()
  kit.answer = async () => issued()
  const now = kit.clock.now() / 1000
  const answerWith = (token: string) => {
    kit.altinn = async () => new Response(token)
    return kit.client().getToken({ scope: SCOPE, altinn: true })
  }
  const endless = tokenThatExpires(kit.clock, 60, { exp: undefined })
  const error = await withPollutedPrototype({ exp: now + 60 }, () => errorOf(answerWith(endless)))
  expect(error.code).toBe('unexpected_answer')
  const undated = tokenThatExpires(kit.clock, 60, { iat: undefined })
  const { expiresAt } = await withPollutedPrototype({ iat: now + 30 }, () => answerWith(undated))
  expect(expiresAt).toBe(now + 60)
})

it('the variables name no issuer if only a polluted Object.prototype does', async () => {
  const variables = { read: () => undefined, missing: (name: string) => name }
  const pollution = { environment: 'prod', issuer: 'https://maskinporten.no/' }
  const options = Object.assign(Object.create(null), { insecureHttp: true })
  const read = () => [namedIssuer(options, variables), allowsHttp(options, variables)]
  expect(await withPollutedPrototype(pollution, read)).toEqual([undefined, true])
})

it('a MaskinportenClientError does not get the details of a polluted Object.prototype', async () => {
  const pollution = { server: 'altinn', status: 418, error: 'x', traceId: 'x', retryable: true, cause: 'x' }
  const hint = { cause: 'it failed', fix: 'do this' }
  const error = await withPollutedPrototype(
    pollution,
    () => new MaskinportenClientError('unavailable', { hint }),
  )
  expect(error.message).toBe('No token from Maskinporten (unavailable): it failed: do this')
  expect(error).toMatchObject({ server: 'maskinporten', status: undefined, retryable: false })
  expect(Object.hasOwn(error, 'cause')).toBe(false)
})
