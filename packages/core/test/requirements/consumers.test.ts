import { expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, check, claims, ESEAL, organisation } from './sample-claims.js'

const list = { consumers: ['889640782'] }

it('the consumer of a token is checked only if the rule lists consumers', async () => {
  for (const consumer of [CONSUMER, ESEAL]) {
    await expect(check({}, claims({ consumer }))).resolves.toBeUndefined()
  }
})

it('a consumer passes only if it is listed and has a Norwegian organisation number', async () => {
  await expect(check(list, claims())).resolves.toBeUndefined()
  for (const consumer of [organisation('991825827'), ESEAL])
    expect(await reasonOfAsync(check(list, claims({ consumer })))).toBe('consumer_not_allowed')
})
