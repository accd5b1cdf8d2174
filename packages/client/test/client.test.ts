import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMaskinportenClient, type TokenRequest } from '../src/index.js'
import { CUSTOMER, errorOf, issued, kit, OWN, SCOPE, useKit } from './kit.js'

useKit()
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('getToken', () => {
  it('getToken returns a token for an assertion signed with the client’s key', async () => {
    const { accessToken, expiresAt, scope } = await kit.client().getToken({ scope: SCOPE })
    expect(decodeJwt(accessToken)).toMatchObject({ scope: SCOPE, consumer: { ID: `0192:${OWN}` } })
    expect([expiresAt, scope]).toEqual([kit.clock.now() / 1000 + 120, SCOPE])
  })

  it('getToken on behalf of a customer returns a token with the customer as consumer', async () => {
    const client = kit.client()
    const own = await client.getToken({ scope: SCOPE })
    const acting = await client.for({ consumerOrg: CUSTOMER }).getToken({ scope: SCOPE })
    expect(acting.accessToken).not.toBe(own.accessToken)
    expect(decodeJwt(acting.accessToken)).toMatchObject({
      consumer: { ID: `0192:${CUSTOMER}` },
      supplier: { ID: `0192:${OWN}` },
    })
  })

  it('getToken returns the granted scopes in the answer, or the requested scopes if the answer names no scopes', async () => {
    const answers = [{ scope: SCOPE }, {}]
    kit.answer = async () => issued(answers.shift())
    const granted = async () => (await kit.client().getToken({ scope: `nav:a ${SCOPE}` })).scope
    expect([await granted(), await granted()]).toEqual([SCOPE, `nav:a ${SCOPE}`])
  })

  it('getToken rejects a malformed request with a TypeError, and sends nothing', async () => {
    const work = kit.client().getToken({ scope: 'afp.read' })
    await expect(work).rejects.toThrow(/^`scope`: "afp.read" is not a full scope/)
    expect(kit.requests).toBe(0)
  })

  it('getToken sends nothing for an unregistered scope, and the hint has the line to add to nais.yaml', async () => {
    const error = await errorOf(kit.client({ scopes: [SCOPE] }).getToken({ scope: 'skatt:x' }))
    expect(error).toMatchObject({
      code: 'scope_not_registered',
      hint: {
        cause: 'skatt:x is not registered on this client',
        fix: expect.stringMatching(/- name: "skatt:x".*InvalidConsumedScopes/),
      },
    })
    expect(kit.requests).toBe(0)
  })

  it('getToken does not repeat a request that is refused', async () => {
    const client = kit.client().for({ consumerOrg: '889640782' })
    expect(await errorOf(client.getToken({ scope: SCOPE }))).toMatchObject({
      ...{ code: 'request_rejected', maskinportenCode: 'MP-251', status: 403, retryable: false },
      hint: { cause: expect.stringMatching(/has not delegated/) },
    })
    expect(kit.requests).toBe(1)
  })
})

describe('fetch and for', () => {
  it('`fetch` of a client throws at once if its token request is not an object or has `skipCache`', () => {
    const { fetch } = kit.client()
    expect(() => fetch(SCOPE as unknown as TokenRequest)).toThrow(
      /^A token request is an object: write .* or fetch\({ scope: 'nav:x.read' }\)\(url\)$/,
    )
    expect(() => fetch({ scope: SCOPE, skipCache: true } as TokenRequest)).toThrow(
      new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected'),
    )
  })

  it('`fetch` of a client without the option `fetch` reads the global fetch at each call', async () => {
    const call = createMaskinportenClient({ ...kit.identity, clock: kit.clock }).fetch({ scope: SCOPE })
    kit.api = async () => new Response('from the API')
    vi.stubGlobal('fetch', kit.network.fetch)
    expect(await (await call('https://api.example.no/')).text()).toBe('from the API')
  })

  it('the method `for` throws at once if it gets an unknown option, or a number with an ICD prefix', () => {
    const client = kit.client()
    expect(() => client.for({ organisation: CUSTOMER } as never)).toThrow(
      /^`for\({ consumerOrg }\)` has no option/,
    )
    expect(() => client.for({ consumerOrg: `0192:${CUSTOMER}` })).toThrow(/without "0192:"/)
  })
})

it('`skipCache` fetches a new token, which replaces the cached token', async () => {
  const client = kit.client()
  const first = await client.getToken({ scope: SCOPE })
  const second = await client.getToken({ scope: SCOPE, skipCache: true })
  expect(second.accessToken).not.toBe(first.accessToken)
  expect(await client.getToken({ scope: SCOPE })).toEqual(second)
})
