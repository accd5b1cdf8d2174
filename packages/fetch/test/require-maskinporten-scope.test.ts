import { createMaskinportenValidator, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/fetch'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { describe, expect, it, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const valid = await headersWith({ consumer: '889640782' })
const request = (headers: HeadersInit = valid) => new Request('https://api.example.no', { headers })

describe('requireMaskinportenScope for fetch handlers', () => {
  const guard = requireMaskinportenScope(READ, { validator })

  it('the handler gets the request, the token and the platform’s other arguments', async () => {
    const sent = request()
    const GET = guard((received, token, context: { params: { id: string } }) => {
      expect(received).toBe(sent)
      expect(getMaskinportenToken(received)).toBe(token)
      return new Response(`${context.params.id} ${token.consumer.organisationNumber}`)
    })
    expect(await (await GET(sent, { params: { id: '7' } })).text()).toBe('7 889640782')
  })

  it('a guard without a handler throws, and says how to pass the handler', () => {
    expect(() => guard(undefined as never)).toThrow(
      new TypeError('Pass the handler too: requireMaskinportenScope(requirement)(handler)'),
    )
  })

  it('the fetch guard adds no member to the request', async () => {
    const sent = request()
    const before = Reflect.ownKeys(sent)
    await guard(() => new Response())(sent)
    expect(Reflect.ownKeys(sent)).toEqual(before)
  })

  it('the guarded handler rejects with the same error that the handler or `authorize` throws', async () => {
    const own = new Error('database')
    const throwing = guard(() => {
      throw own
    })
    const authorize = () => Promise.reject(own)
    const ruled = requireMaskinportenScope({ scope: READ, authorize }, { validator })
    await expect(throwing(request())).rejects.toBe(own)
    await expect(ruled(() => new Response())(request())).rejects.toBe(own)
  })

  it('the fetch guard passes `decide` a context without own getters, so that V8 can free the request', async () => {
    const decide = vi.fn(validator.decide)
    const watched = { ...validator, decide }
    await requireMaskinportenScope(READ, { validator: watched })(() => new Response())(request())
    expect(decide.mock.calls.map(([, , context]) => Object.keys(context ?? {}))).toEqual([['request']])
  })

  it('the fetch guard passes a key refresh to a waitUntil in any of the platform’s arguments', async () => {
    const clock = createTestClock()
    const own = await createMockMaskinporten({ clock })
    const refreshing = createMaskinportenValidator({ issuer: own.issuer, fetch: own.fetch, clock })
    await refreshing.ready()
    const aging = requireMaskinportenScope(READ, { validator: refreshing })
    const kept: unknown[] = []
    const context = {
      kept,
      waitUntil(promise: unknown) {
        this.kept.push(promise)
      },
    }
    for (const rest of [
      [null],
      [undefined, 7, 'x'],
      [{}],
      [{ waitUntil: true }],
      [null, { waitUntil: 1 }, context],
    ]) {
      // Makes the keys more than 15 minutes old, so that each of these requests waits for a new key refresh.
      clock.advance(901)
      const GET = aging((_request, _token, ...passed: unknown[]) => new Response(`${passed.length}`))
      const sent = request({ authorization: `Bearer ${await own.issueToken({ scope: READ })}` })
      expect(await (await GET(sent, ...rest)).text()).toBe(String(rest.length))
    }
    expect(kept).toEqual([expect.any(Promise)])
  })

  it('an invalid scope throws when the fetch guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken for fetch throws if no guard ran', () => {
    const message = /No Maskinporten guard ran.*requireMaskinportenScope/
    expect(() => getMaskinportenToken(request())).toThrow(message)
  })
})

/** Some servers add headers to the object passed to the Response constructor. */
it('a fetch denial passes mutable headers to the Response constructor', async () => {
  const created = vi.spyOn(globalThis, 'Response')
  await requireMaskinportenScope(READ, { validator })(() => expect.unreachable('the handler ran'))(
    request({}),
  )
  const options = created.mock.calls.flatMap(([, init]) => init ?? [])
  created.mockRestore()
  const headers = {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'www-authenticate': 'Bearer realm="maskinporten"',
  }
  expect(options).toEqual([{ status: 401, headers }])
  expect(Object.isFrozen(options[0]?.headers)).toBe(false)
})
