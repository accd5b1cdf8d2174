import { beforeAll, describe, expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'
import { Grants } from './grants.js'

const CUSTOMER = '910076787'
let grants: Grants

beforeAll(async () => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }] })
  const delegations = [{ consumer: CUSTOMER, scopes: ['nav:a'] }]
  grants = new Grants(mock, clock, await mock.addClient({ scopes: ['nav:a'], delegations }))
})

describe('a claim that Digdir does not document is refused', () => {
  it.each(['consumer_orgno', 'foo', 'consumerOrg', 'Scope', 'client_id', 'cnf', 'toString'])(
    '%s',
    async (name) => {
      await grants.refused('MP-011', new RegExp(`^Invalid assertion\\. .*The claim ${name} is not one of`), {
        [name]: CUSTOMER,
      })
    },
  )

  it('__proto__', async () => {
    await grants.refused('MP-011', /The claim __proto__ is not one of/, JSON.parse('{"__proto__":{"x":1}}'))
  })

  it('also next to the claim that was meant', async () => {
    await grants.refused('MP-011', /consumer_orgno/, {
      consumer_org: CUSTOMER,
      consumer_orgno: CUSTOMER,
    })
  })
})

it('a grant may have every claim that Digdir documents, and `sub` and `nbf`, which clients in use send', async () => {
  const { clientId } = grants.client
  const claims = await grants.earned({
    sub: clientId,
    nbf: Math.floor(grants.clock.now() / 1000),
    resource: 'https://api.example.no/',
    pid: '01010199999',
    consumer_org: CUSTOMER,
  })
  expect(claims).toMatchObject({ aud: 'https://api.example.no/', consumer: { ID: `0192:${CUSTOMER}` } })
  expect(claims).not.toHaveProperty('sub')
})
