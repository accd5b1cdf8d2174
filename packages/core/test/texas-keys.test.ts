import { beforeEach, describe, expect, it } from 'vitest'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { setVariables, useCleanEnvironment } from './clean-environment.js'
import { reasonOfAsync } from './refusal.js'
import {
  bearer,
  clock,
  events,
  lastEvent,
  mock,
  newMock,
  READ,
  readToken,
  TEXAS,
  useWorld,
} from './validator-world.js'

useWorld()

let isMaskinportenUp: boolean
let isTexasUp: boolean
/** Tokens that Texas has received. */
let received: string[]
beforeEach(async () => {
  await newMock()
  isMaskinportenUp = true
  isTexasUp = true
  received = []
})

const fetch = async (url: string, init: RequestInit) => {
  if (!(url === TEXAS ? isTexasUp : isMaskinportenUp)) throw new TypeError('fetch failed')
  if (url !== TEXAS) return mock.fetch(url, init)
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  const { token } = JSON.parse(String(init.body))
  if (token !== 'probe') received.push(token)
  return Response.json({ active: token !== 'probe' })
}
const texas = (options: TexasValidatorOptions = { environment: 'test' }) =>
  createTexasValidator({
    introspectionEndpoint: TEXAS,
    fetch,
    clock,
    onDecision: (event) => events.push(event),
    ...options,
  })

it('a validator with Texas is usable once keys are loaded and Texas is alive', async () => {
  const validator = texas()
  await validator.ready()
  expect(validator.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
})

it('without keys, a validator with Texas is not usable, answers 503 and sends no token to Texas', async () => {
  isMaskinportenUp = false
  const validator = texas()
  expect(await reasonOfAsync(validator.verify(await readToken(), READ))).toBe('keys_unavailable')
  expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable' } })
  expect(received).toEqual([])
  isMaskinportenUp = true
  clock.advance(60)
  await validator.ready()
  expect(validator.health().usable).toBe(true)
})

it('a validator with Texas is not usable while Texas is down, although keys are loaded', async () => {
  const validator = texas()
  await validator.ready()
  isTexasUp = false
  clock.advance(5)
  await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
  const lastFailure = { reason: 'unreachable' }
  expect(validator.health()).toMatchObject({ usable: false, keys: 1, lastFailure })
})

it('if Texas and a key refresh fail at the same time, the event names the failure of Texas', async () => {
  let isUp = true
  const failing = async (url: string, init: RequestInit) => {
    if (url !== TEXAS) return isUp ? mock.fetch(url, init) : new Response('', { status: 500 })
    return Response.json(isUp ? { active: true } : { active: false, error: 'fetch: timed out' })
  }
  const validator = texas({ environment: 'test', fetch: failing })
  await validator.ready()
  isUp = false
  clock.advance(1000)
  for (let call = 0; call < 2; call++) await validator.decide(await bearer(), READ)
  expect(validator.health().lastFailure).toMatchObject({ reason: 'bad_status' })
  expect(lastEvent()).toMatchObject({
    reason: 'introspection_unavailable',
    upstreamFailure: 'no_upstream',
    verified: true,
    consumer: { organisationNumber: '314330897' },
  })
})

it('a validator with Texas stays usable through an outage of Maskinporten, with the loaded keys', async () => {
  const validator = texas()
  await validator.ready()
  isMaskinportenUp = false
  clock.advance(1000)
  await validator.verify(await readToken(), READ)
  await validator.ready()
  expect(validator.health()).toMatchObject({ usable: true, lastFailure: { reason: 'unreachable' } })
  await validator.decide(await bearer(), READ)
  expect(lastEvent()).toMatchObject({ allowed: true, upstreamFailure: 'unreachable' })
})

it('a validator with Texas reads no metadata if `jwks` or `jwksUri` is set', async () => {
  const fetched: string[] = []
  const counting = (url: string, init: RequestInit) => {
    if (url !== TEXAS) fetched.push(url)
    return fetch(url, init)
  }
  const { issuer } = mock
  const token = await readToken()
  const jwksUri = `${issuer}jwk`
  await expect(texas({ issuer, jwksUri, fetch: counting }).verify(token, READ)).resolves.toBeDefined()
  isMaskinportenUp = false
  const offline = texas({ issuer, jwks: mock.jwks(), fetch: counting })
  await expect(offline.verify(token, READ)).resolves.toBeDefined()
  expect(fetched).toEqual([jwksUri])
  expect(received).toEqual([token, token])
})

describe('MASKINPORTEN_WELL_KNOWN_URL', () => {
  useCleanEnvironment()
  beforeEach(() => {
    setVariables({ MASKINPORTEN_WELL_KNOWN_URL: `${mock.issuer}.well-known/oauth-authorization-server` })
  })

  it('without an issuer option, a validator with Texas allows no token before metadata names the issuer', async () => {
    isMaskinportenUp = false
    const validator = texas({})
    expect(await reasonOfAsync(validator.verify(await readToken(), READ))).toBe('keys_unavailable')
    expect(validator.health().usable).toBe(false)
    expect(received).toEqual([])
  })

  it('a token is not sent to Texas if its issuer lacks the trailing slash of the issuer in metadata', async () => {
    const validator = texas({})
    await validator.ready()
    const token = await readToken()
    await expect(validator.verify(token, READ)).resolves.toBeDefined()
    const other = await readToken({ issuer: mock.issuer.slice(0, -1) })
    expect(await reasonOfAsync(validator.verify(other, READ))).toMatch(/issuer/)
    expect(received).toEqual([token])
  })
})
