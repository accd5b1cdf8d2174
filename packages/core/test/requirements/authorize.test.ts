import { expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

const answer = (result: unknown) => check({ authorize: () => result as boolean }, claims())

it('`authorize` is optional, and allows a request with true or a promise of true', async () => {
  await expect(check({}, claims())).resolves.toBeUndefined()
  await expect(answer(true)).resolves.toBeUndefined()
  await expect(answer(Promise.resolve(true))).resolves.toBeUndefined()
})

it.each([false, undefined, null, 1, 'true', {}, Promise.resolve('yes')])(
  'a request is refused when `authorize` returns %j',
  async (result) => {
    expect(await reasonOfAsync(answer(result))).toBe('not_authorized')
  },
)

it('an error that `authorize` throws is passed on unchanged', async () => {
  const own = new Error('database')
  const authorize = () => {
    throw own
  }
  await expect(check({ authorize }, claims())).rejects.toBe(own)
})
