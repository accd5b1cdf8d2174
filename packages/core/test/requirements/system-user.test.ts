import { expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, check, claims } from './sample-claims.js'

const token = claims({ systemUsers: [{ customer: CONSUMER, ids: ['x'], systemId: 's' }] })

it('a token needs a system user only if the rule requires one', async () => {
  await expect(check({}, claims())).resolves.toBeUndefined()
  await expect(check({}, token)).resolves.toBeUndefined()
})

it('a token must contain a system user if the rule requires one', async () => {
  const rule = { systemUser: 'required' } as const
  await expect(check(rule, token)).resolves.toBeUndefined()
  expect(await reasonOfAsync(check(rule, claims()))).toBe('system_user_required')
})
