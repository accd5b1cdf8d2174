import { createMaskinportenValidator, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/fetch'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { expect, it, vi } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const valid = await headersWith({ consumer: '889640782' })
const request = (headers: HeadersInit = valid) => new Request('https://api.example.no', { headers })
const guard = requireMaskinportenScope(READ, { validator })

it('the handler gets the unchanged request, the token and the platform’s other arguments', async () => {
  const sent = request()
  const before = Reflect.ownKeys(sent)
  const GET = guard((received, token, context: { params: { id: string } }) => {
    expect(received).toBe(sent)
    expect(getMaskinportenToken(received)).toBe(token)
    return new Response(`${context.params.id} ${token.consumer.organisationNumber}`)
  })
  expect(await (await GET(sent, { params: { id: '7' } })).text()).toBe('7 889640782')
  expect(Reflect.ownKeys(sent)).toEqual(before)
})

it('a guard without a handler throws, and says how to pass the handler', () => {
  expect(() => guard(undefined as never)).toThrow(
    new TypeError('Pass the handler too: requireMaskinportenScope(requirement)(handler)'),
  )
})

it('the guarded handler rejects with the same error that the handler or `authorize` throws', async () => {
  const own = new Error('database')
  const authorize = () => Promise.reject(own)
  const ruled = requireMaskinportenScope({ scope: READ, authorize }, { validator })
  await expect(guard(() => Promise.reject(own))(request())).rejects.toBe(own)
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
  const { issuer, fetch, issueToken } = await createMockMaskinporten({ clock })
  const refreshing = createMaskinportenValidator({ issuer, fetch, clock })
  await refreshing.ready()
  const aging = requireMaskinportenScope(READ, { validator: refreshing })
  const context = {
    kept: [] as unknown[],
    waitUntil(promise: unknown) {
      this.kept.push(promise)
    },
  }
  for (const rest of [[{}], [null, undefined, 7, 'x', { waitUntil: 1 }, context]]) {
    // Makes the keys more than 15 minutes old, so that each of these requests waits for a new key refresh.
    clock.advance(901)
    const GET = aging((_request, _token, ...passed: unknown[]) => new Response(`${passed.length}`))
    const sent = request({ authorization: `Bearer ${await issueToken({ scope: READ })}` })
    expect(await (await GET(sent, ...rest)).text()).toBe(String(rest.length))
  }
  expect(context.kept).toEqual([expect.any(Promise)])
})

it('creating the fetch guard throws for an invalid scope', () => {
  expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
})

it('getMaskinportenToken for fetch throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken(request())).toThrow(message)
})

/** Some servers add headers to the object passed to the Response constructor. */
it('a fetch denial passes mutable headers to the Response constructor', async () => {
  const created = vi.spyOn(globalThis, 'Response')
  await guard(() => expect.unreachable('the handler ran'))(request({}))
  const options = created.mock.calls.map(([, init]) => init)
  created.mockRestore()
  const headers = {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'www-authenticate': 'Bearer realm="maskinporten"',
  }
  expect(options).toEqual([{ status: 401, headers }])
  expect(Object.isFrozen(options[0]?.headers)).toBe(false)
})
