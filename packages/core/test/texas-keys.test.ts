import { beforeEach, expect, it } from 'vitest'
import { createTexasValidator, type TexasValidatorOptions } from '../src/texas-validator.js'
import { setVariables, useCleanEnvironment } from './clean-environment.js'
import { FakeTexas } from './fake-texas.js'
import { settle } from './key-world.js'
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
let fake: FakeTexas
beforeEach(async () => {
  await newMock()
  isMaskinportenUp = true
  fake = new FakeTexas()
})

const down = () => Promise.reject(new TypeError('fetch failed'))
const texas = (options: TexasValidatorOptions = { environment: 'test' }) =>
  createTexasValidator({
    introspectionEndpoint: TEXAS,
    fetch: (url, init) => {
      if (url === TEXAS) return fake.fetch(url, init)
      return isMaskinportenUp ? mock.fetch(url, init) : down()
    },
    clock,
    onDecision: (event) => events.push(event),
    ...options,
  })

it('without keys, a validator with Texas is not usable, answers 503 and sends no token to Texas', async () => {
  isMaskinportenUp = false
  const validator = texas()
  expect(await reasonOfAsync(validator.verify(await readToken(), READ))).toBe('keys_unavailable')
  // Begins a probe, which finds Texas alive.
  validator.health()
  await settle()
  expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable' } })
  expect(fake.tokens).toEqual([])
  isMaskinportenUp = true
  clock.advance(60)
  await validator.ready()
  expect(validator.health().usable).toBe(true)
})

it('if Texas and a key refresh fail at the same time, the event and `health` name the failure of Texas', async () => {
  const validator = texas()
  await validator.ready()
  isMaskinportenUp = false
  fake.answer = () => Response.json({ active: false, error: 'fetch: timed out' })
  clock.advance(1000)
  for (let call = 0; call < 2; call++) await validator.decide(await bearer(), READ)
  expect(validator.health().lastFailure).toMatchObject({ reason: 'unreachable' })
  expect(lastEvent()).toMatchObject({
    reason: 'introspection_unavailable',
    upstreamFailure: 'no_upstream',
    verified: true,
    consumer: { organisationNumber: '314330897' },
  })
  clock.advance(5)
  fake.answerToGet = () => new Response(null, { status: 500 })
  await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
  expect(validator.health().lastFailure).toMatchObject({ reason: 'no_upstream' })
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

useCleanEnvironment()

it('a token is not sent to Texas if its issuer lacks the trailing slash of the issuer in metadata', async () => {
  const metadata = `${mock.issuer}.well-known/oauth-authorization-server`
  setVariables({ MASKINPORTEN_WELL_KNOWN_URL: metadata })
  const validator = texas({})
  await validator.ready()
  const token = await readToken()
  await expect(validator.verify(token, READ)).resolves.toBeDefined()
  const other = await readToken({ issuer: mock.issuer.slice(0, -1) })
  expect(await reasonOfAsync(validator.verify(other, READ))).toMatch(/issuer/)
  expect(fake.tokens).toEqual([token])
})
