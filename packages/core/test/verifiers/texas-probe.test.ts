import { beforeEach, expect, it, vi } from 'vitest'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { TexasProbe } from '../../src/verifiers/texas-probe.js'
import { never } from '../deferred.js'
import { FakeTexas } from '../fake-texas.js'
import { clock, texasValidator, useWorld } from '../validator-world.js'

useWorld()

const alive = () => Response.json({ active: false, error: 'invalid token header: InvalidToken' })
const notEnabled = () =>
  Response.json({ active: false, error: "identity provider 'maskinporten' is not enabled" })

let fake: FakeTexas
beforeEach(() => {
  fake = new FakeTexas()
  fake.answer = alive
  // A GET hangs or fails in the same way as a POST.
  fake.answerToGet = async () => {
    await fake.answer('probe')
    return new Response(null, { status: 405 })
  }
})

const texas = () => texasValidator({ fetch: fake.fetch })

async function readyTexas() {
  const validator = texas()
  await validator.ready()
  return validator
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const until = (condition: () => boolean) => vi.waitUntil(condition, { interval: 0 })
const gone = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))

it('`health` begins a probe of Texas, so that an instance becomes ready without a call of `ready`', async () => {
  const validator = texas()
  expect(validator.health()).toEqual({ usable: false, keys: 0 })
  await until(() => validator.health().usable)
  const body = JSON.stringify({ identity_provider: 'maskinporten', token: 'probe' })
  expect(fake.requests).toMatchObject([{ method: 'POST', body }])
})

it.each(['health', 'ready'] as const)('`%s` reuses a probe of Texas until `deadline`', async (name) => {
  const validator = await readyTexas()
  clock.advance(4.999)
  for (let times = 0; times < 5; times++) await validator[name]()
  expect(fake.requests).toHaveLength(1)
  clock.advance(0.001)
  for (let times = 0; times < 5; times++) await validator[name]()
  expect(fake.requests).toHaveLength(2)
})

it('`health` probes Texas at once after the machine was suspended', async () => {
  const validator = await readyTexas()
  clock.set(clock.now() + 3_600_000)
  validator.health()
  expect(fake.requests).toHaveLength(2)
})

it('`health` has the latest failure of a probe, with its age, until a probe succeeds', async () => {
  const validator = texas()
  fake.answer = notEnabled
  await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
  clock.advance(1)
  const message = expect.stringMatching(/nais\.yaml/)
  const lastFailure = { reason: 'not_enabled', message, age: 1 }
  expect(validator.health()).toEqual({ usable: false, keys: 1, keyAge: 1, lastFailure })
  fake.answer = alive
  clock.advance(4)
  expect(validator.health().usable).toBe(false)
  await until(() => validator.health().usable)
  expect(validator.health()).not.toHaveProperty('lastFailure')
})

it.each([
  ['refuses connections', gone, 'unreachable'],
  ['hangs', never, 'timeout'],
])('once Texas %s, `usable` is false within twice `deadline`', async (_title, behaviour, reason) => {
  const validator = await readyTexas()
  expect(validator.health().usable).toBe(true)
  fake.answer = behaviour
  let seconds = 0
  while (validator.health().usable && seconds < 60) {
    clock.advance(1)
    seconds++
    await turn()
  }
  expect(seconds).toBeLessThanOrEqual(10)
  const health = validator.health()
  expect(health).toMatchObject({ usable: false, lastFailure: { reason } })
  expect([health, health.lastFailure].map(Object.isFrozen)).toEqual([true, true])
})

it('`ready` also reuses a failed probe that is younger than `deadline`', async () => {
  const validator = texas()
  fake.answer = gone
  await expect(validator.ready()).rejects.toMatchObject({ code: 'temporarily_unavailable', retryAfter: 5 })
  fake.answer = alive
  await expect(validator.ready()).rejects.toMatchObject({ cause: { reason: 'unreachable' } })
  expect(fake.requests).toHaveLength(1)
  clock.advance(5)
  await expect(validator.ready()).resolves.toBeUndefined()
})

/** Returns the methods of the requests of a new probe. */
async function probe(validator: ReturnType<typeof texas>) {
  const earlier = fake.requests.length
  clock.advance(5)
  await validator.ready().catch(() => undefined)
  return fake.requests.slice(earlier).map(({ method }) => method)
}

it('probes of Texas use POST until a POST gets the expected answer, and then GET, which no token delays', async () => {
  const validator = texas()
  fake.answer = notEnabled
  expect(await probe(validator)).toEqual(['POST'])
  fake.answer = alive
  expect(await probe(validator)).toEqual(['POST'])
  fake.answer = never
  fake.answerToGet = () => new Response(null, { status: 405 })
  expect(await probe(validator)).toEqual(['GET'])
  expect(validator.health().usable).toBe(true)
})

it.each([200, 404])('a probe of Texas is repeated by POST when the GET gets %d', async (status) => {
  const validator = await readyTexas()
  fake.answerToGet = () => new Response(null, { status })
  expect(await probe(validator)).toEqual(['GET', 'POST'])
  expect(validator.health().usable).toBe(true)
  fake.answer = () => Response.json({})
  expect(await probe(validator)).toEqual(['GET', 'POST'])
  const lastFailure = { reason: 'not_introspection' }
  expect(validator.health()).toMatchObject({ usable: false, lastFailure })
})

it('a probe of Texas by GET and its repetition by POST share one deadline', async () => {
  const validator = await readyTexas()
  fake.answerToGet = () => new Response(null, { status: 404 })
  fake.answer = never
  clock.advance(5)
  validator.health()
  await until(() => fake.requests.at(-1)?.method === 'POST')
  clock.advance(5)
  await turn()
  expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'timeout' } })
})

it('a probe of Texas that ends late does not replace the outcome of a later probe', async () => {
  const ends: ((error?: Error) => void)[] = []
  const ask = () => new Promise<void>((resolve, reject) => ends.push((e) => (e ? reject(e) : resolve())))
  const probe = new TexasProbe({ ask, deadline: 5, clock })
  expect(probe.health()).toEqual({ usable: false, keys: 0 })
  clock.advance(5)
  probe.health()
  ends[1]?.()
  await turn()
  ends[0]?.(new UpstreamError('timeout'))
  await turn()
  expect(probe.health()).toEqual({ usable: true, keys: 0 })
})

it('`ready` waits for the probe that `health` has begun, and keeps the process alive, as `health` does not', async () => {
  const asked: boolean[] = []
  const ask = async (inBackground: boolean) => {
    asked.push(inBackground)
    await turn()
  }
  const after = vi.fn(clock.after)
  const probe = new TexasProbe({ ask, deadline: 5, clock: { ...clock, after } })
  probe.health()
  await probe.ready()
  expect(after.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([5000])
  clock.advance(5)
  await probe.ready()
  expect(asked).toEqual([true, false])
})
