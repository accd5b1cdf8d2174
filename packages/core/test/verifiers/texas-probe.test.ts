import { beforeEach, describe, expect, it, vi } from 'vitest'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { TexasProbe } from '../../src/verifiers/texas-probe.js'
import { deferred, never } from '../deferred.js'
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

const turn = () => new Promise((resolve) => setImmediate(resolve))
const until = (condition: () => boolean) => vi.waitUntil(condition, { interval: 0 })
const gone = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))

it('`health` begins a probe of Texas, so that an instance becomes ready without a call of `ready`', async () => {
  const validator = texas()
  expect(validator.health()).toEqual({ usable: false, keys: 0 })
  await until(() => validator.health().usable)
  expect(validator.health()).toMatchObject({ usable: true, keys: 1 })
  const body = JSON.stringify({ identity_provider: 'maskinporten', token: 'probe' })
  expect(fake.requests).toMatchObject([{ method: 'POST', body }])
})

it.each(['health', 'ready'] as const)(
  '`%s` reuses a successful probe of Texas until the age of the probe reaches `deadline`',
  async (name) => {
    const validator = texas()
    await validator.ready()
    clock.advance(4.999)
    for (let times = 0; times < 5; times++) await validator[name]()
    expect(fake.requests).toHaveLength(1)
    clock.advance(0.001)
    for (let times = 0; times < 5; times++) await validator[name]()
    expect(fake.requests).toHaveLength(2)
  },
)

it('`health` probes Texas at once after the machine was suspended', async () => {
  const validator = texas()
  await validator.ready()
  clock.set(clock.now() + 3_600_000)
  validator.health()
  expect(fake.requests).toHaveLength(2)
})

it('`health` has the latest failure of a probe, with its age, until a probe succeeds', async () => {
  const validator = texas()
  fake.answer = notEnabled
  await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
  clock.advance(1)
  expect(validator.health()).toEqual({
    usable: false,
    keys: 1,
    keyAge: 1,
    lastFailure: { reason: 'not_enabled', message: expect.stringMatching(/nais\.yaml/), age: 1 },
  })
  fake.answer = alive
  clock.advance(4)
  expect(validator.health().usable).toBe(false)
  await until(() => validator.health().usable)
  expect(validator.health()).toMatchObject({ usable: true, keys: 1 })
})

it.each([
  ['refuses connections', gone, 'unreachable'],
  ['hangs', never, 'timeout'],
])('once Texas %s, `usable` is false within twice `deadline`', async (_title, behaviour, reason) => {
  const validator = texas()
  await validator.ready()
  expect(validator.health().usable).toBe(true)
  fake.answer = behaviour
  let seconds = 0
  while (validator.health().usable && seconds < 60) {
    clock.advance(1)
    seconds++
    await turn()
  }
  expect(seconds).toBeLessThanOrEqual(10)
  expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason } })
  fake.answer = alive
  clock.advance(5)
  validator.health()
  await until(() => validator.health().usable)
})

it('with Texas, the result of `health` and its `lastFailure` are frozen', async () => {
  const validator = texas()
  expect(Object.isFrozen(validator.health())).toBe(true)
  await validator.ready()
  expect(Object.isFrozen(validator.health())).toBe(true)
  fake.answer = gone
  clock.advance(5)
  await validator.ready().catch(() => undefined)
  const health = validator.health()
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

it('`ready` waits for the probe that `health` has begun', async () => {
  const validator = texas()
  const probed = deferred<Response>()
  fake.answer = () => probed.promise
  validator.health()
  const ready = validator.ready()
  probed.resolve(alive())
  await ready
  expect(fake.requests).toHaveLength(1)
})

it('`ready` rejects after `deadline` seconds if Texas hangs', async () => {
  fake.answer = never
  const rejected = expect(texas().ready()).rejects.toMatchObject({ cause: { reason: 'timeout' } })
  clock.advance(5)
  await rejected
})

describe('the request of a probe', () => {
  /** Returns the methods of the requests of a new probe. */
  const probe = async (validator: ReturnType<typeof texas>) => {
    const earlier = fake.requests.length
    clock.advance(5)
    await validator.ready().catch(() => undefined)
    return fake.requests.slice(earlier).map(({ method }) => method)
  }

  it('probes of Texas use POST until a POST gets the expected answer, and use GET after that', async () => {
    const validator = texas()
    fake.answer = notEnabled
    expect(await probe(validator)).toEqual(['POST'])
    fake.answer = alive
    expect(await probe(validator)).toEqual(['POST'])
    expect(await probe(validator)).toEqual(['GET'])
    expect(validator.health().usable).toBe(true)
  })

  it.each([200, 204, 302, 404, 500])('a probe is repeated by POST when the GET gets %d', async (status) => {
    const validator = texas()
    await validator.ready()
    fake.answerToGet = () => new Response(null, { status })
    expect(await probe(validator)).toEqual(['GET', 'POST'])
    expect(validator.health().usable).toBe(true)
    fake.answer = () => Response.json({})
    expect(await probe(validator)).toEqual(['GET', 'POST'])
    const lastFailure = { reason: 'not_introspection' }
    expect(validator.health()).toMatchObject({ usable: false, lastFailure })
  })

  it('a probe by GET succeeds while Texas hangs on a POST', async () => {
    const validator = texas()
    await validator.ready()
    fake.answer = never
    fake.answerToGet = () => new Response(null, { status: 405 })
    expect(await probe(validator)).toEqual(['GET'])
    expect(validator.health().usable).toBe(true)
  })

  it('a probe of Texas by GET and its repetition by POST share one deadline', async () => {
    const validator = texas()
    await validator.ready()
    fake.answerToGet = () => new Response(null, { status: 404 })
    fake.answer = never
    clock.advance(5)
    validator.health()
    await until(() => fake.requests.at(-1)?.method === 'POST')
    clock.advance(5)
    await turn()
    expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'timeout' } })
  })
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

it('a probe of Texas keeps the process alive for `ready`, but not for `health`', async () => {
  const set: boolean[] = []
  const ask = async (inBackground: boolean) => void set.push(inBackground)
  const probe = new TexasProbe({ ask, deadline: 5, clock })
  probe.health()
  clock.advance(5)
  await probe.ready()
  expect(set).toEqual([true, false])
})

it('`ready` keeps the process alive for at most `deadline` while it waits for a probe of `health`', async () => {
  const after = vi.fn(clock.after)
  const probe = new TexasProbe({ ask: async () => undefined, deadline: 5, clock: { ...clock, after } })
  probe.health()
  await probe.ready()
  expect(after.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([5000])
})
