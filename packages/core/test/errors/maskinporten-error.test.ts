import { expect, it } from 'vitest'
import {
  applicationError,
  asRefusal,
  MaskinportenError,
  refused,
} from '../../src/errors/maskinporten-error.js'
import { withPollutedPrototype } from '../polluted-prototype.js'

it('a MaskinportenError names its reason in its message, and has the details that are given', () => {
  const details = { requiredScopes: ['nav:a'], retryAfter: 7, cause: new Error('ECONNREFUSED') }
  const error = new MaskinportenError('keys_unavailable', details)
  expect(String(error)).toBe('MaskinportenError: Refused by the Maskinporten guard: keys_unavailable')
  expect(error).toMatchObject({ code: 'temporarily_unavailable', ...details })
  const bare = new MaskinportenError('expired')
  expect([bare.requiredScopes, bare.retryAfter]).toEqual([undefined, undefined])
  expect(Object.hasOwn(bare, 'cause')).toBe(false)
})

it('`refused` returns one frozen error for each reason, without a stack', () => {
  const error = refused('expired')
  expect(refused('expired')).toBe(error)
  expect(error).toMatchObject({ code: 'invalid_token', reason: 'expired' })
  expect(Object.isFrozen(error)).toBe(true)
  expect(error.stack).toBe(String(error))
})

it('`refused` returns a separate singleton for each detail of a reason', () => {
  const scope = refused('missing_claim', { claim: 'scope' })
  expect(refused('missing_claim', { claim: 'scope' })).toBe(scope)
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

it('applicationError wraps the refusal of another token in an ordinary error, and returns other errors', () => {
  for (const own of [new Error('database'), undefined]) expect(applicationError(own)).toBe(own)
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
  const other = { status: 418 }
  expect(() => asRefusal(other)).toThrow(other)
})

it.each([undefined, null, 'route'])('asRefusal throws an Error in place of %j', (cause) => {
  const message = expect.stringMatching(/not an error/)
  expect(() => asRefusal(cause)).toThrow(expect.objectContaining({ message, cause }))
})

it('a refusal takes no details from a polluted Object.prototype', async () => {
  const texts = { claim: 'x', keyProblem: 'x', cause: 'x' }
  const details = { requiredScopes: 7, retryAfter: 9, onlySlashDiffers: true, ...texts }
  const make = () => new MaskinportenError('expired')
  const polluted = await withPollutedPrototype(details, make, { writable: true })
  expect({ ...polluted }).toEqual({ ...new MaskinportenError('expired') })
  expect(Object.hasOwn(polluted, 'cause')).toBe(false)
})
