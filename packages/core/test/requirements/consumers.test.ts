import { describe, expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, check, claims, ESEAL, organisation } from './sample-claims.js'

describe('a list of consumers', () => {
  const list = { consumers: ['889640782'] }

  it('is only checked where there is one', async () => {
    for (const consumer of [CONSUMER, ESEAL]) {
      await expect(check({}, claims({ consumer }))).resolves.toBeUndefined()
    }
  })

  it('lets in those on it alone', async () => {
    await expect(check(list, claims())).resolves.toBeUndefined()
    const other = claims({ consumer: organisation('991825827') })
    expect(await reasonOfAsync(check(list, other))).toBe('consumer_not_allowed')
  })

  it('never lets in an organisation without a Norwegian number', async () => {
    expect(await reasonOfAsync(check(list, claims({ consumer: ESEAL })))).toBe('consumer_not_allowed')
  })
})
