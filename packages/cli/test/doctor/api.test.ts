import { MaskinportenError } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { REASONS } from '@portvakt/core/internal'
import { expect, it } from 'vitest'
import { type ApiAnswer, explainAnswer } from '../../src/doctor/api.js'

const ANSWER: ApiAnswer = { status: 200, challenge: null, retryAfter: null, reason: undefined }

const NOT_ACCEPTED = 'the API does not accept the token'

function problemIn(answer: Partial<ApiAnswer>) {
  try {
    return { finding: explainAnswer({ ...ANSWER, ...answer }) }
  } catch (error) {
    return error
  }
}

it.each([200, 204, 299])('`doctor` reports an API’s answer with the status %i as a success', (status) => {
  expect(problemIn({ status })).toEqual({ finding: `it answers ${status}` })
})

it.each([
  ['Basic realm="a"', ': the API saw no bearer token', /gateway.*another scheme/],
  ['Basic realm="a", bearer error="invalid_token"', `, error="invalid_token": ${NOT_ACCEPTED}`, /--audience/],
  [null, ': the API does not say why it refuses the token', /provider/],
])('`doctor` explains an API’s answer 401 (challenge: %s)', (challenge, report, fix) => {
  const message = `it answers 401${report}`
  expect(problemIn({ status: 401, challenge })).toMatchObject({ message, fix: expect.stringMatching(fix) })
})

it('`doctor` explains an API’s answer 403 with the challenge of a missing scope', () => {
  const error = 'error="insufficient_scope", scope="nav:x.read nav:y"'
  expect(problemIn({ status: 403, challenge: `Bearer realm="a", ${error}` })).toMatchObject({
    message: `it answers 403, ${error}: the token lacks a scope that the API requires`,
    fix: expect.stringContaining('--scope'),
  })
})

const FAILING = 'the API, or what it depends on, is overloaded or failing'
it.each([
  [403, null, 'the organisation may not make this call', /provider/],
  [404, null, 'the API has no such route', /--method/],
  [405, null, 'the API has no such route', /--method/],
  [302, null, 'the API redirects, and a token follows no redirect', /address/],
  [503, '7', FAILING, /in 7 s$/],
  [429, 'soon', FAILING, /later$/],
  [418, null, 'the API refuses the request', /provider/],
])('`doctor` explains an API’s answer %i (Retry-After: %s)', (status, retryAfter, cause, fix) => {
  const message = `it answers ${status}: ${cause}`
  expect(problemIn({ status, retryAfter })).toMatchObject({ message, fix: expect.stringMatching(fix) })
})

it('for a refusal by a Portvakt guard, `doctor` reports the cause and the fix of the reason', () => {
  const { status, headers, body } = denialOf(new MaskinportenError('consumer_not_allowed'))
  const challenge = headers['www-authenticate'] ?? null
  const { cause, fix } = REASONS.consumer_not_allowed.hint
  const problem = problemIn({ status, challenge, reason: JSON.parse(body).reason })
  expect(problem).toMatchObject({ message: expect.stringContaining(`: ${cause}`), fix })
})

const SECRETS = ['eyJhbGciOiJSUzI1NiJ9.e30.AAAA', '01010199999']
it.each(SECRETS)('`doctor` does not repeat an API’s challenge that contains %s', (secret) => {
  for (const member of ['error', 'scope', 'error_description', 'realm']) {
    const problem = problemIn({ status: 401, challenge: `Bearer ${member}="${secret}"`, reason: secret })
    expect(String(problem)).not.toContain(secret)
  }
})

it('`doctor` does not treat `constructor` in an API’s answer as a known reason', () => {
  const message = expect.stringContaining('may not')
  expect(problemIn({ status: 403, reason: 'constructor' })).toMatchObject({ message })
})
