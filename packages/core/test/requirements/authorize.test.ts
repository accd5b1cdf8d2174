import { describe, expect, it, test } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

describe('the application’s own rule', () => {
  const answer = (result: unknown) => check({ authorize: () => result as boolean }, claims())

  it('a rule without `authorize` has no such demand', async () => {
    await expect(check({}, claims())).resolves.toBeUndefined()
  })

  it('`authorize` lets a request pass with true, also as a promise', async () => {
    await expect(answer(true)).resolves.toBeUndefined()
    await expect(answer(Promise.resolve(true))).resolves.toBeUndefined()
  })

  test.each([false, undefined, null, 1, 'true', {}, Promise.resolve('yes')])(
    '`authorize` refuses with %j',
    async (result) => {
      expect(await reasonOfAsync(answer(result))).toBe('not_authorized')
    },
  )

  it('errors of `authorize` pass unchanged', async () => {
    const own = new Error('database')
    const authorize = () => {
      throw own
    }
    await expect(check({ authorize }, claims())).rejects.toBe(own)
  })
})
