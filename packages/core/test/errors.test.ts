import { describe, expect, it } from 'vitest'
import { MaskinportenError } from '../src/errors.js'

describe('a refusal', () => {
  it('names its reason, for who reads logs', () => {
    expect(String(new MaskinportenError('expired'))).toBe(
      'MaskinportenError: Refused by the Maskinporten guard: expired',
    )
  })

  it('has the cause that it was given, and no member for one that it was not', () => {
    const cause = new Error('ECONNREFUSED')
    expect(new MaskinportenError('keys_unavailable', { cause }).cause).toBe(cause)
    expect(Object.hasOwn(new MaskinportenError('expired'), 'cause')).toBe(false)
    expect(Object.hasOwn(new MaskinportenError('expired', {}), 'cause')).toBe(false)
  })

  it('carries what it was told of the route and of time, and nothing else', () => {
    const error = new MaskinportenError('insufficient_scope', { requiredScopes: ['nav:a'], retryAfter: 7 })
    expect(error).toMatchObject({ code: 'insufficient_scope', requiredScopes: ['nav:a'], retryAfter: 7 })
    expect(new MaskinportenError('expired')).toMatchObject({
      requiredScopes: undefined,
      retryAfter: undefined,
    })
  })
})
