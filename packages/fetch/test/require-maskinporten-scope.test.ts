import {
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/fetch'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { describe, expect, it, vi } from 'vitest'

const READ = 'nav:x.read'

const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
const authorization = `Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`
const request = (headers: HeadersInit = { authorization }, path = '/') =>
  new Request(`https://api.example.no${path}`, { headers })

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

  it('a request without a token gets the denial, and the handler does not run', async () => {
    const GET = guard(() => expect.unreachable('the handler ran'))
    const answer = await GET(request({}))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="maskinporten"')
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
    const contexts: unknown[] = []
    const decide: MaskinportenValidator['decide'] = (values, requirement, context) => {
      contexts.push(context)
      return validator.decide(values, requirement, context)
    }
    const watched = { ...validator, decide }
    await requireMaskinportenScope(READ, { validator: watched })(() => new Response())(request())
    expect(contexts.map((context) => Object.keys(context ?? {}))).toEqual([['request']])
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

  it('a requirement function gets the request', async () => {
    const scopeOf = ({ url }: Request) => `nav:${new URL(url).pathname.slice(1)}`
    const GET = requireMaskinportenScope(scopeOf, { validator })(() => new Response())
    expect((await GET(request({ authorization }, '/x.read'))).status).toBe(200)
    expect((await GET(request({ authorization }, '/x.write'))).status).toBe(403)
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
  const given: ResponseInit[] = []
  class RecordedResponse extends Response {
    constructor(body?: BodyInit | null, init?: ResponseInit) {
      super(body, init)
      if (init) given.push(init)
    }
  }
  vi.stubGlobal('Response', RecordedResponse)
  try {
    const GET = requireMaskinportenScope(READ, { validator })(() => expect.unreachable('the handler ran'))
    await GET(request({}))
    expect(given).toHaveLength(1)
    expect(Object.isFrozen(given[0]?.headers)).toBe(false)
  } finally {
    vi.unstubAllGlobals()
  }
})
