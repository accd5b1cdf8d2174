import { describe, expect, it } from 'vitest'
import {
  applicationError,
  asRefusal,
  MaskinportenError,
  refused,
} from '../../src/errors/maskinporten-error.js'

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

describe('the refusal for a reason', () => {
  it('is one object, that nobody can change and that says of no place where it was made', () => {
    const error = refused('expired')
    expect(refused('expired')).toBe(error)
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'expired' })
    expect(Object.isFrozen(error)).toBe(true)
    expect(error.stack).toBe(String(error))
    expect(refused('wrong_issuer').reason).toBe('wrong_issuer')
  })
})

describe('what a function of the application has thrown', () => {
  it('is its own', () => {
    for (const own of [new Error('database'), undefined, 'route']) expect(applicationError(own)).toBe(own)
  })

  it('is no refusal of this caller, though it be one of another', () => {
    const inner = new MaskinportenError('expired')
    const error = applicationError(inner)
    expect(error).not.toBeInstanceOf(MaskinportenError)
    expect(error).toEqual(
      new Error('The rule of a guard failed with the refusal of another token', { cause: inner }),
    )
    expect(error).toMatchObject({ cause: inner })
  })
})

describe('what was thrown', () => {
  it('is a refusal, or goes on as it is', () => {
    const error = refused('expired')
    expect(asRefusal(error)).toBe(error)
    for (const other of [new Error('database'), { status: 418 }]) {
      expect(() => asRefusal(other)).toThrow(other)
    }
  })

  it.each([undefined, null, 0, '', 'route', false])('is an error from here on, where it was %j', (thrown) => {
    const expected = expect.objectContaining({ message: expect.stringMatching(/no error/), cause: thrown })
    expect(() => asRefusal(thrown)).toThrow(expected)
  })
})
