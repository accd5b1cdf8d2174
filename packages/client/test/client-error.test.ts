import { expect, it, test } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'

const hint = { cause: 'it failed', fix: 'do this' }

test.each([
  [{}, 'Maskinporten (request_rejected)'],
  [
    { status: 400, error: 'invalid_scope', maskinportenCode: 'MP-250', traceId: 'x', description: 'y' },
    'Maskinporten (request_rejected, invalid_scope, MP-250, 400, trace id x)',
  ],
  [{ server: 'altinn' } as const, 'Altinn (request_rejected)'],
])(
  'the message of a MaskinportenClientError has its code, its hint and the details %j, but no description',
  (details, what) => {
    expect(String(new MaskinportenClientError('request_rejected', { hint, ...details }))).toBe(
      `MaskinportenClientError: No token from ${what}: it failed: do this`,
    )
  },
)

it('a MaskinportenClientError has every detail as a member', () => {
  const details = {
    hint,
    server: 'altinn' as const,
    status: 503,
    error: 'server_error',
    maskinportenCode: 'MP-001',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    description: 'Out of order',
    retryable: true,
    retryAfter: 7,
    cause: new TypeError('fetch failed'),
  }
  const error = new MaskinportenClientError('unavailable', details)
  expect(error).toBeInstanceOf(Error)
  const named = { name: 'MaskinportenClientError', code: 'unavailable' }
  expect({ ...error, cause: error.cause }).toEqual({ ...named, ...details })
})

it('by default, a MaskinportenClientError is about Maskinporten and not retryable; `cause` exists only if given', () => {
  const error = new MaskinportenClientError('unavailable', { hint })
  expect(error).toMatchObject({ server: 'maskinporten', retryable: false })
  expect(Object.hasOwn(error, 'cause')).toBe(false)
  const withCause = new MaskinportenClientError('unavailable', { hint, cause: undefined })
  expect(Object.hasOwn(withCause, 'cause')).toBe(true)
})
