import { STATUS_CODES } from 'node:http'
import type { MaskinportenReason } from '@portvakt/core'
import { expect } from 'vitest'
import { READ } from '../conformance/api.js'
import type { RawAnswer } from './wire.js'

type ExpectedAnswer = readonly [status: number, code: string, challenge?: string]

const BEARER = 'Bearer realm="maskinporten"'
const MISSING: ExpectedAnswer = [401, 'missing_token', BEARER]
const BAD: ExpectedAnswer = [401, 'invalid_token', `${BEARER}, error="invalid_token"`]
const FORBIDDEN: ExpectedAnswer = [403, 'access_denied']

/**
 * The expected answers, written independently of the library's own table. A reason without an entry gets the
 * answer to a bad token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
const ANSWERS: Partial<Record<MaskinportenReason, ExpectedAnswer>> = {
  no_credentials: MISSING,
  other_scheme: MISSING,
  ambiguous_credentials: [400, 'invalid_request', `${BEARER}, error="invalid_request"`],
  insufficient_scope: [403, 'insufficient_scope', `${BEARER}, error="insufficient_scope", scope="${READ}"`],
  consumer_not_allowed: FORBIDDEN,
  not_authorized: FORBIDDEN,
  keys_unavailable: [503, 'temporarily_unavailable'],
}

/** The `detail` of the first answer for each reason. */
const details = new Map<string, unknown>()

/** Compares status, challenge, caching and body with the table in this file. */
export function expectAnswer(
  answer: Pick<RawAnswer, 'status' | 'headers' | 'body'>,
  reason: MaskinportenReason,
) {
  const [status, code, challenge] = ANSWERS[reason] ?? BAD
  const valuesOf = (wanted: string) =>
    answer.headers.flatMap(([name, value]) => (name === wanted ? [value] : []))
  expect(answer.status, answer.body).toBe(status)
  expect(valuesOf('www-authenticate')).toEqual(challenge === undefined ? [] : [challenge])
  expect(valuesOf('cache-control')).toEqual(['no-store'])
  expect(valuesOf('content-type')).toEqual([
    expect.stringMatching(/^application\/problem\+json(; charset=utf-8)?$/),
  ])
  expect(valuesOf('retry-after')).toEqual(status === 503 ? [expect.stringMatching(/^[1-9]\d*$/)] : [])
  const { detail, ...body } = JSON.parse(answer.body)
  expect(body).toEqual({ title: STATUS_CODES[status], status, code, reason })
  if (!details.has(reason)) details.set(reason, detail)
  // `detail` must depend only on the reason, not on the request or the host.
  expect(detail).toBe(details.get(reason))
  expect(detail).toMatch(/^[\x20-\x7e]+$/)
}
