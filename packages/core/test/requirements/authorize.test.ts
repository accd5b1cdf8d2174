import { describe, expect, it, test } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

describe('the application’s own rule', () => {
  const answer = (result: unknown) => check({ authorize: () => result as boolean }, claims())

  it('is not asked where there is none', async () => {
    await expect(check({}, claims())).resolves.toBeUndefined()
  })

  it('lets a request pass with true, also a promised one', async () => {
    await expect(answer(true)).resolves.toBeUndefined()
    await expect(answer(Promise.resolve(true))).resolves.toBeUndefined()
  })

  test.each([false, undefined, null, 1, 'true', {}, Promise.resolve('yes')])(
    'refuses with %j',
    async (result) => {
      expect(await reasonOfAsync(answer(result))).toBe('not_authorized')
    },
  )

  it('keeps its own errors', async () => {
    const own = new Error('database')
    const authorize = () => {
      throw own
    }
    await expect(check({ authorize }, claims())).rejects.toBe(own)
  })
})
