import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DecisionEvent } from '../src/decision/event.js'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { reasonOfAsync } from './refusal.js'

const READ = 'nav:x.read'
const ENDPOINT = 'http://127.0.0.1:3000/api/v1/introspect'

let clock: TestClock
let mock: MockMaskinporten
let isMaskinportenUp: boolean
let isTexasUp: boolean
let shown: string[]
beforeEach(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock })
  isMaskinportenUp = true
  isTexasUp = true
  shown = []
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const fetch = async (url: string, init: RequestInit) => {
  if (!(url === ENDPOINT ? isTexasUp : isMaskinportenUp)) throw new TypeError('fetch failed')
  if (url !== ENDPOINT) return mock.fetch(url, init)
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  const { token } = JSON.parse(String(init.body))
  if (token !== 'probe') shown.push(token)
  return Response.json({ active: token !== 'probe' })
}
const texas = (options: TexasValidatorOptions = { environment: 'test' }) =>
  createTexasValidator({ introspectionEndpoint: ENDPOINT, fetch, clock, ...options })

describe('a validator with Texas', () => {
  it('a validator with Texas is usable when keys are loaded and Texas is alive', async () => {
    const validator = texas()
    await validator.ready()
    expect(validator.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
  })

  it('without keys, a validator with Texas is not usable, answers 503 and sends no token to Texas', async () => {
    isMaskinportenUp = false
    const validator = texas()
    expect(await reasonOfAsync(validator.verify(await mock.issueToken({ scope: READ }), READ))).toBe(
      'keys_unavailable',
    )
    expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable' } })
    expect(shown).toEqual([])
    isMaskinportenUp = true
    clock.advance(60)
    await validator.ready()
    expect(validator.health().usable).toBe(true)
  })

  it('a validator with Texas is not usable without Texas, although keys are loaded', async () => {
    const validator = texas()
    await validator.ready()
    isTexasUp = false
    clock.advance(5)
    await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
    expect(validator.health()).toMatchObject({
      usable: false,
      keys: 1,
      lastFailure: { reason: 'unreachable' },
    })
  })

  it('the event names the failure of Texas, not that of a key refresh at the same time', async () => {
    const events: DecisionEvent[] = []
    let isAnswer = true
    const validator = texas({
      environment: 'test',
      onDecision: (event) => events.push(event),
      fetch: async (url: string, init: RequestInit) => {
        if (url === ENDPOINT)
          return Response.json(isAnswer ? { active: true } : { active: false, error: 'fetch: timed out' })
        return isAnswer ? mock.fetch(url, init) : new Response('', { status: 500 })
      },
    })
    await validator.ready()
    const token = () => mock.issueToken({ scope: READ })
    isAnswer = false
    clock.advance(1000)
    for (let call = 0; call < 2; call++) await validator.decide(`Bearer ${await token()}`, READ)
    expect(validator.health().lastFailure).toMatchObject({ reason: 'bad_status' })
    expect(events.at(-1)).toMatchObject({
      reason: 'introspection_unavailable',
      upstreamFailure: 'no_upstream',
      verified: true,
      consumer: { organisationNumber: '314330897' },
    })
  })

  it('a validator with Texas stays usable through an outage of Maskinporten, with the keys that it has', async () => {
    const validator = texas()
    await validator.ready()
    isMaskinportenUp = false
    clock.advance(1000)
    await validator.verify(await mock.issueToken({ scope: READ }), READ)
    await validator.ready()
    expect(validator.health()).toMatchObject({ usable: true, lastFailure: { reason: 'unreachable' } })
  })
})

describe('keys that the application gives, or whose address it gives', () => {
  it('keys or their address from the application are used, and metadata is not fetched', async () => {
    const fetched: string[] = []
    const counting = (url: string, init: RequestInit) => {
      if (url !== ENDPOINT) fetched.push(url)
      return fetch(url, init)
    }
    const { issuer } = mock
    const token = await mock.issueToken({ scope: READ })
    const jwksUri = `${issuer}jwk`
    await expect(texas({ issuer, jwksUri, fetch: counting }).verify(token, READ)).resolves.toBeDefined()
    expect(fetched).toEqual([jwksUri])
    isMaskinportenUp = false
    await expect(
      texas({ issuer, jwks: mock.jwks(), fetch: counting }).verify(token, READ),
    ).resolves.toBeDefined()
    expect(fetched).toEqual([jwksUri])
    expect(shown).toEqual([token, token])
  })
})

describe('with MASKINPORTEN_WELL_KNOWN_URL alone', () => {
  beforeEach(() => {
    vi.stubEnv('MASKINPORTEN_ISSUER', undefined)
    vi.stubEnv('MASKINPORTEN_JWKS_URI', undefined)
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', `${mock.issuer}.well-known/oauth-authorization-server`)
  })

  it('with metadata alone, no token passes until metadata has named the issuer', async () => {
    isMaskinportenUp = false
    const validator = texas({})
    const token = await mock.issueToken({ scope: READ })
    expect(await reasonOfAsync(validator.verify(token, READ))).toBe('keys_unavailable')
    expect(validator.health().usable).toBe(false)
    expect(shown).toEqual([])
  })

  it('metadata pins the issuer: no token with another form of it reaches Texas', async () => {
    const validator = texas({})
    await validator.ready()
    const token = await mock.issueToken({ scope: READ })
    await expect(validator.verify(token, READ)).resolves.toBeDefined()
    const other = await mock.issueToken({ scope: READ, issuer: mock.issuer.slice(0, -1) })
    expect(await reasonOfAsync(validator.verify(other, READ))).toMatch(/issuer/)
    expect(shown).toEqual([token])
  })
})
