import { describe, expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, check, claims, ESEAL, organisation } from './sample-claims.js'

describe('a list of consumers', () => {
  const list = { consumers: ['889640782'] }

  it('consumers are checked only when listed', async () => {
    for (const consumer of [CONSUMER, ESEAL]) {
      await expect(check({}, claims({ consumer }))).resolves.toBeUndefined()
    }
  })

  it('only listed consumers pass', async () => {
    await expect(check(list, claims())).resolves.toBeUndefined()
    const other = claims({ consumer: organisation('991825827') })
    expect(await reasonOfAsync(check(list, other))).toBe('consumer_not_allowed')
  })

  it('a consumer without a Norwegian organisation number never passes', async () => {
    expect(await reasonOfAsync(check(list, claims({ consumer: ESEAL })))).toBe('consumer_not_allowed')
  })
})
