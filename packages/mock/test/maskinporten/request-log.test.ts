import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'
import { type Answer, Grants } from './grants.js'

const traceIn = ({ description }: Answer) => /\(trace_id: ([0-9a-f]{32})\)$/.exec(description)?.[1]

const NOW = Date.UTC(2026, 0, 1)

it('`received` of a mock lists each request with its outcome, but without secrets', async () => {
  const clock = createTestClock(NOW)
  const mock = await createMockMaskinporten({
    clock,
    scopes: [{ name: 'nav:a' }, { name: 'nav:b', consumers: [] }],
  })
  const client = await mock.addClient({ scopes: ['nav:a', 'nav:b'] })
  const grants = new Grants(mock, clock, client)
  const good = await grants.assertion()

  await mock.fetch(`${mock.issuer}jwk?secret`)
  clock.advance(1)
  await grants.use(good)
  const refused = await grants.ask({ scope: 'nav:b' })
  const stranger = await grants.ask({ iss: 'a-stranger' })
  // Digdir documents no code for this refusal.
  const early = await grants.ask({ iat: NOW / 1000 + 20 })
  mock.addFault('jwk', { status: 503 }, { times: 1 })
  await mock.fetch(`${mock.issuer}jwk`)
  mock.addFault('jwk', 'reset', { times: 1 })
  await mock.fetch(`${mock.issuer}jwk`).catch(() => undefined)
  await mock.fetch(`${mock.issuer}jwks`)

  const token = { endpoint: 'token', method: 'POST', path: '/token', at: NOW + 1000 }
  const jwk = { endpoint: 'jwk', method: 'GET', path: '/jwk', at: NOW + 1000 }
  expect(mock.received).toEqual([
    { ...jwk, at: NOW, status: 200 },
    { ...token, status: 200, clientId: client.clientId },
    { ...token, status: 400, clientId: client.clientId, code: 'MP-250', traceId: traceIn(refused) },
    { ...token, status: 400, code: 'MP-100', traceId: traceIn(stranger) },
    { ...token, status: 400, clientId: client.clientId, traceId: traceIn(early) },
    { ...jwk, status: 503, isFaulty: true },
    { ...jwk, isFaulty: true },
    { ...jwk, endpoint: undefined, path: '/jwks', status: 404 },
  ])
  expect(mock.requests).toEqual({ metadata: 0, jwk: 3, token: 4 })
  for (const part of [...good.split('.'), 'secret', 'a-stranger'])
    expect(inspect(mock.received, { depth: 9 })).not.toContain(part.slice(0, 12))
})

it('`received` of a mock tells whether introspected tokens are active, without any part of the tokens', async () => {
  const mock = await createMockMaskinporten()
  const introspect = (token: string, provider = 'maskinporten') => {
    const body = new URLSearchParams({ identity_provider: provider, token })
    return mock.fetch(`${mock.issuer}api/v1/introspect`, { method: 'POST', body })
  }
  const token = await mock.issueToken()
  await introspect(token)
  await introspect(`${token}x`)
  await introspect(token, 'tokenx')
  await introspect(token, 'no-such')
  const introspections = mock.received.filter(({ path }) => path === '/api/v1/introspect')
  expect(introspections.map(({ status, isActive }) => [status, isActive])).toEqual([
    [200, true],
    [200, false],
    [200, false],
    [400, undefined],
  ])
  for (const part of token.split('.')) expect(inspect(mock.received, { depth: 9 })).not.toContain(part)
})

it('`received` of a mock is a frozen copy of the last 1000 requests', async () => {
  const mock = await createMockMaskinporten()
  await mock.fetch(`${mock.issuer}first`)
  const before = mock.received
  for (let request = 0; request < 1000; request++) await mock.fetch(`${mock.issuer}later`)
  expect(before.map(({ path }) => path)).toEqual(['/first'])
  expect(mock.received).toHaveLength(1000)
  expect(mock.received[0]?.path).toBe('/later')
  expect(() => Object.assign(before[0] ?? {}, { status: 0 })).toThrow(TypeError)
})
