import { describe, expect, it } from 'vitest'
import {
  applicationError,
  asRefusal,
  MaskinportenError,
  refused,
} from '../../src/errors/maskinporten-error.js'

describe('a refusal', () => {
  it('names its reason in its message', () => {
    expect(String(new MaskinportenError('expired'))).toBe(
      'MaskinportenError: Refused by the Maskinporten guard: expired',
    )
  })

  it('has the cause that it is given, and otherwise no `cause` member', () => {
    const cause = new Error('ECONNREFUSED')
    expect(new MaskinportenError('keys_unavailable', { cause }).cause).toBe(cause)
    expect(Object.hasOwn(new MaskinportenError('expired'), 'cause')).toBe(false)
    expect(Object.hasOwn(new MaskinportenError('expired', {}), 'cause')).toBe(false)
  })

  it('carries the required scopes and the time to retry only if they are given', () => {
    const error = new MaskinportenError('insufficient_scope', { requiredScopes: ['nav:a'], retryAfter: 7 })
    expect(error).toMatchObject({ code: 'insufficient_scope', requiredScopes: ['nav:a'], retryAfter: 7 })
    expect(new MaskinportenError('expired')).toMatchObject({
      requiredScopes: undefined,
      retryAfter: undefined,
    })
  })
})

describe('refused', () => {
  it('returns a frozen singleton without a stack for each reason', () => {
    const error = refused('expired')
    expect(refused('expired')).toBe(error)
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'expired' })
    expect(Object.isFrozen(error)).toBe(true)
    expect(error.stack).toBe(String(error))
    expect(refused('wrong_issuer').reason).toBe('wrong_issuer')
  })
})

describe('an error of the application’s function', () => {
  it('is returned unchanged', () => {
    for (const own of [new Error('database'), undefined, 'route']) expect(applicationError(own)).toBe(own)
  })

  it('is wrapped in an ordinary error if it is the refusal of another token', () => {
    const inner = new MaskinportenError('expired')
    const error = applicationError(inner)
    expect(error).not.toBeInstanceOf(MaskinportenError)
    expect(error).toEqual(
      new Error('The rule of a guard failed with the refusal of another token', { cause: inner }),
    )
    expect(error).toMatchObject({ cause: inner })
  })
})

describe('asRefusal', () => {
  it('returns a refusal, and throws every other object unchanged', () => {
    const error = refused('expired')
    expect(asRefusal(error)).toBe(error)
    for (const other of [new Error('database'), { status: 418 }]) {
      expect(() => asRefusal(other)).toThrow(other)
    }
  })

  it.each([undefined, null, 0, '', 'route', false])('throws an Error in place of %j', (thrown) => {
    const expected = expect.objectContaining({
      message: expect.stringMatching(/not an error/),
      cause: thrown,
    })
    expect(() => asRefusal(thrown)).toThrow(expected)
  })
})
