import { describe, expect, it, test } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'

describe('the error of the client', () => {
  test.each([
    [{}, 'No token from Maskinporten (request_rejected): it failed: do this'],
    [{ status: 400 }, 'No token from Maskinporten (request_rejected, 400): it failed: do this'],
    [
      { status: 400, maskinportenCode: 'MP-250' },
      'No token from Maskinporten (request_rejected, MP-250, 400): it failed: do this',
    ],
    [
      { status: 400, error: 'invalid_scope', maskinportenCode: 'MP-250', traceId: 'x', description: 'y' },
      'No token from Maskinporten (request_rejected, invalid_scope, MP-250, 400, trace id x): it failed: do this',
    ],
  ])('the message names cause and fix: %j', (details, message) => {
    const error = new MaskinportenClientError('request_rejected', {
      hint: { cause: 'it failed', fix: 'do this' },
      ...details,
    })
    expect(String(error)).toBe(`MaskinportenClientError: ${message}`)
  })

  it('the error has every detail as a member', () => {
    const details = {
      hint: { cause: 'it is overloaded', fix: 'wait' },
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
    expect({ ...error, cause: error.cause }).toEqual({
      name: 'MaskinportenClientError',
      code: 'unavailable',
      ...details,
    })
  })

  it('an error is not retryable by default', () => {
    expect(
      new MaskinportenClientError('request_rejected', { hint: { cause: 'x', fix: 'y' } }).retryable,
    ).toBe(false)
  })

  it('the error has a cause if one is given, even undefined', () => {
    expect(
      Object.hasOwn(new MaskinportenClientError('unavailable', { hint: { cause: 'x', fix: 'y' } }), 'cause'),
    ).toBe(false)
    const error = new MaskinportenClientError('unavailable', {
      hint: { cause: 'x', fix: 'y' },
      cause: undefined,
    })
    expect(Object.hasOwn(error, 'cause')).toBe(true)
  })
})
