import { MaskinportenError } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { REASONS } from '@portvakt/core/internal'
import { expect, it } from 'vitest'
import { type ApiAnswer, explainAnswer } from '../../src/doctor/api.js'

const ANSWER: ApiAnswer = { status: 200, challenge: null, retryAfter: null, reason: undefined }

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

it.each<[string, Partial<ApiAnswer>, string, RegExp]>([
  [
    'a missing scope',
    { status: 403, challenge: 'Bearer realm="a", error="insufficient_scope", scope="nav:x.read nav:y"' },
    'it answers 403, error="insufficient_scope", scope="nav:x.read nav:y": the token lacks a scope that the API requires',
    /--scope/,
  ],
  [
    'a refused token',
    { status: 401, challenge: 'Bearer error="invalid_token"' },
    'it answers 401, error="invalid_token": the API does not accept the token',
    /--audience/,
  ],
  [
    'a missing token',
    { status: 401, challenge: 'Bearer realm="a"' },
    'it answers 401: the API saw no bearer token',
    /gateway/,
  ],
  [
    'a challenge of another scheme',
    { status: 401, challenge: 'Basic realm="a"' },
    'it answers 401: the API saw no bearer token',
    /another scheme/,
  ],
  [
    'challenges of several schemes',
    { status: 401, challenge: 'Basic realm="a", bearer error="invalid_token"' },
    'it answers 401, error="invalid_token": the API does not accept the token',
    /--audience/,
  ],
  [
    'a refusal without a challenge',
    { status: 401 },
    'it answers 401: the API does not say why it refuses the token',
    /provider/,
  ],
  [
    'a missing permission',
    { status: 403 },
    'it answers 403: the organisation may not make this call',
    /provider/,
  ],
  ['a missing route', { status: 404 }, 'it answers 404: the API has no such route', /--method/],
  ['an unsupported method', { status: 405 }, 'it answers 405: the API has no such route', /--method/],
  [
    'a redirect',
    { status: 302 },
    'it answers 302: the API redirects, and a token follows no redirect',
    /address/,
  ],
  [
    'an outage',
    { status: 503, retryAfter: '7' },
    'it answers 503: the API, or what it depends on, is overloaded or failing',
    /in 7 s$/,
  ],
  [
    'a rate limit',
    { status: 429, retryAfter: 'soon' },
    'it answers 429: the API, or what it depends on, is overloaded or failing',
    /later$/,
  ],
  ['an unusual refusal', { status: 418 }, 'it answers 418: the API refuses the request', /provider/],
])('`doctor` explains an API’s answer that reports %s', (_title, answer, message, fix) => {
  expect(problemIn(answer)).toMatchObject({ message, fix: expect.stringMatching(fix) })
})

it.each(['expired', 'consumer_not_allowed', 'keys_unavailable'] as const)(
  'for a refusal by a Portvakt guard with the reason %s, `doctor` reports that reason’s cause and fix',
  (reason) => {
    const { status, headers, body } = denialOf(new MaskinportenError(reason))
    const challenge = headers['www-authenticate'] ?? null
    const { cause, fix } = REASONS[reason].hint
    const problem = problemIn({ status, challenge, reason: JSON.parse(body).reason })
    expect(problem).toMatchObject({ message: expect.stringContaining(`: ${cause}`), fix })
  },
)

const SECRETS = ['eyJhbGciOiJSUzI1NiJ9.e30.AAAA', '01010199999']
it.each(SECRETS)('`doctor` does not repeat an API’s challenge that contains %s', (secret) => {
  for (const member of ['error', 'scope', 'error_description', 'realm']) {
    const problem = problemIn({ status: 401, challenge: `Bearer ${member}="${secret}"`, reason: secret })
    expect(String(problem)).not.toContain(secret)
  }
})

it('`doctor` does not treat `constructor` in an API’s answer as a known reason', () => {
  expect(problemIn({ status: 403, reason: 'constructor' })).toMatchObject({
    message: expect.stringContaining('may not'),
  })
})
