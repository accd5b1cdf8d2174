import { expect, it } from 'vitest'
import {
  applicationError,
  asRefusal,
  MaskinportenError,
  refused,
} from '../../src/errors/maskinporten-error.js'
import { withPollutedPrototype } from '../polluted-prototype.js'

it('a MaskinportenError names its reason in its message', () => {
  expect(String(new MaskinportenError('expired'))).toBe(
    'MaskinportenError: Refused by the Maskinporten guard: expired',
  )
})

it('a MaskinportenError has a `cause` member only if a cause is given', () => {
  const cause = new Error('ECONNREFUSED')
  expect(new MaskinportenError('keys_unavailable', { cause }).cause).toBe(cause)
  expect(Object.hasOwn(new MaskinportenError('expired'), 'cause')).toBe(false)
  expect(Object.hasOwn(new MaskinportenError('expired', {}), 'cause')).toBe(false)
})

it('a MaskinportenError has the required scopes and the time to retry only if they are given', () => {
  const details = { requiredScopes: ['nav:a'], retryAfter: 7 }
  const error = new MaskinportenError('insufficient_scope', details)
  expect(error).toMatchObject({ code: 'insufficient_scope', ...details })
  const { requiredScopes, retryAfter } = new MaskinportenError('expired')
  expect([requiredScopes, retryAfter]).toEqual([undefined, undefined])
})

it('`refused` returns one frozen error for each reason, without a stack', () => {
  const error = refused('expired')
  expect(refused('expired')).toBe(error)
  expect(error).toMatchObject({ code: 'invalid_token', reason: 'expired' })
  expect(Object.isFrozen(error)).toBe(true)
  expect(error.stack).toBe(String(error))
  expect(refused('wrong_issuer').reason).toBe('wrong_issuer')
})

it('`refused` returns a separate singleton for each detail of a reason', () => {
  const scope = refused('missing_claim', { claim: 'scope' })
  expect(refused('missing_claim', { claim: 'scope' })).toBe(scope)
  expect(scope).toMatchObject({ claim: 'scope', onlySlashDiffers: false })
  expect(refused('missing_claim', { claim: 'iss' }).claim).toBe('iss')
  expect(refused('unusable_key', { keyProblem: 'not_rsa' }).keyProblem).toBe('not_rsa')
  expect(refused('unusable_key', { keyProblem: 'wrong_exponent' }).keyProblem).toBe('wrong_exponent')
  expect(refused('wrong_issuer', { onlySlashDiffers: true }).onlySlashDiffers).toBe(true)
  expect(refused('wrong_issuer').onlySlashDiffers).toBe(false)
})

it('a MaskinportenError for an unknown reason has no code', () => {
  const error = new MaskinportenError('of_another_version' as never)
  expect(error).toMatchObject({ reason: 'of_another_version', code: undefined })
})

it('applicationError returns an error of the application unchanged', () => {
  for (const own of [new Error('database'), undefined, 'route']) expect(applicationError(own)).toBe(own)
})

it('applicationError wraps the refusal of another token in an ordinary error', () => {
  const cause = new MaskinportenError('expired')
  const error = applicationError(cause)
  expect(error).not.toBeInstanceOf(MaskinportenError)
  expect(error).toEqual(
    new Error('A function of the access requirement threw the refusal of another token', { cause }),
  )
  expect(error).toMatchObject({ cause })
})

it('asRefusal returns a refusal, and throws every other object unchanged', () => {
  const error = refused('expired')
  expect(asRefusal(error)).toBe(error)
  for (const other of [new Error('database'), { status: 418 }]) {
    expect(() => asRefusal(other)).toThrow(other)
  }
})

it.each([undefined, null, 0, '', 'route', false])('asRefusal throws an Error in place of %j', (cause) => {
  const message = expect.stringMatching(/not an error/)
  expect(() => asRefusal(cause)).toThrow(expect.objectContaining({ message, cause }))
})

it('a refusal takes no details from a polluted Object.prototype', async () => {
  const details = {
    requiredScopes: 7,
    retryAfter: 9,
    claim: 'x',
    keyProblem: 'x',
    onlySlashDiffers: true,
    cause: 'x',
  }
  const polluted = await withPollutedPrototype(details, () => new MaskinportenError('expired'), {
    writable: true,
  })
  expect({ ...polluted }).toEqual({ ...new MaskinportenError('expired') })
  expect(Object.hasOwn(polluted, 'cause')).toBe(false)
})
