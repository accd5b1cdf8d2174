import {
  createMaskinportenValidator,
  getMaskinportenToken,
  type MaskinportenValidator,
  requireMaskinportenScope,
} from '@portvakt/fetch'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

const READ = 'nav:x.read'

describe('requireMaskinportenScope for fetch handlers', () => {
  let validator: MaskinportenValidator
  let authorization: string
  let guard: ReturnType<typeof requireMaskinportenScope>
  beforeAll(async () => {
    const mock = await createMockMaskinporten()
    validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
    authorization = `Bearer ${await mock.issueToken({ scope: READ, consumer: '889640782' })}`
  })
  beforeEach(() => {
    guard = requireMaskinportenScope(READ, { validator })
  })
  const request = (headers = { authorization }) => new Request('https://api.example.no/', { headers })

  it('the handler gets the request, the token and the platform’s other arguments', async () => {
    const sent = request()
    const GET = guard((received, token, context: { params: { id: string } }) => {
      expect(received).toBe(sent)
      expect(getMaskinportenToken(received)).toBe(token)
      return new Response(`${context.params.id} ${token.consumer.organisationNumber}`)
    })
    expect(await (await GET(sent, { params: { id: '7' } })).text()).toBe('7 889640782')
  })

  it('the guard adds no member to the request', async () => {
    const sent = request()
    const before = Reflect.ownKeys(sent)
    await guard(() => new Response())(sent)
    expect(Reflect.ownKeys(sent)).toEqual(before)
  })

  it('a request without a token gets the denial, and the handler does not run', async () => {
    const GET = guard(() => expect.unreachable('the handler ran'))
    const answer = await GET(new Request('https://api.example.no/'))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="maskinporten"')
  })

  it('an error thrown by the handler or by `authorize` rejects the guarded handler unchanged', async () => {
    const own = new Error('database')
    const throwing = guard(() => {
      throw own
    })
    const ruled = requireMaskinportenScope(
      { scope: READ, authorize: () => Promise.reject(own) },
      { validator },
    )
    await expect(throwing(request())).rejects.toBe(own)
    await expect(ruled(() => new Response())(request())).rejects.toBe(own)
  })

  it('the guard passes a key refresh to waitUntil', async () => {
    const clock = createTestClock()
    const own = await createMockMaskinporten({ clock })
    const refreshing = createMaskinportenValidator({ issuer: own.issuer, fetch: own.fetch, clock })
    await refreshing.ready()
    clock.advance(700)
    const kept: unknown[] = []
    const GET = requireMaskinportenScope(READ, { validator: refreshing })(
      (_request, _token, _env: object, _context: object) => new Response(),
    )
    const sent = request({ authorization: `Bearer ${await own.issueToken({ scope: READ })}` })
    await GET(sent, {}, { waitUntil: (promise: unknown) => void kept.push(promise) })
    expect(kept).toEqual([expect.any(Promise)])
    await kept[0]
  })

  it('the context passed to `decide` has no getter of its own, so that V8 can free the request', async () => {
    const contexts: unknown[] = []
    const watched: MaskinportenValidator = {
      ...validator,
      decide(authorization, requirement, context) {
        contexts.push(context)
        return validator.decide(authorization, requirement, context)
      },
    }
    const GET = requireMaskinportenScope(READ, { validator: watched })(() => new Response('ok'))
    await GET(new Request('http://api.example.no/'))
    expect(contexts.map((context) => Object.keys(context ?? {}))).toEqual([['request']])
  })

  it('the guard finds waitUntil in any of the platform’s arguments', async () => {
    const clock = createTestClock()
    const own = await createMockMaskinporten({ clock })
    const refreshing = createMaskinportenValidator({ issuer: own.issuer, fetch: own.fetch, clock })
    await refreshing.ready()
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
      // With keys this old, the request waits for a key refresh, and the next request starts another refresh.
      clock.advance(901)
      const GET = requireMaskinportenScope(READ, { validator: refreshing })(
        (_request, _token, ...passed: unknown[]) => new Response(String(passed.length)),
      )
      const sent = request({ authorization: `Bearer ${await own.issueToken({ scope: READ })}` })
      expect(await (await GET(sent, ...rest)).text()).toBe(String(rest.length))
    }
    expect(kept).toEqual([expect.any(Promise)])
  })

  it('a requirement function gets the request', async () => {
    const byPath = requireMaskinportenScope((sent) => `nav:${new URL(sent.url).pathname.slice(1)}`, {
      validator,
    })
    const call = (path: string) =>
      byPath(() => new Response())(
        new Request(`https://api.example.no/${path}`, { headers: { authorization } }),
      )
    expect([(await call('x.read')).status, (await call('x.write')).status]).toEqual([200, 403])
  })

  it('an invalid scope throws when the guard is created', () => {
    expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
  })

  it('getMaskinportenToken throws if no guard ran', () => {
    expect(() => getMaskinportenToken(request())).toThrow(
      /No Maskinporten guard ran.*requireMaskinportenScope/,
    )
  })
})

/** Some servers add headers to the object that the Response constructor got. */
it('a fetch denial passes mutable headers to the Response constructor', async () => {
  const Standard = globalThis.Response
  const given: ResponseInit[] = []
  vi.stubGlobal(
    'Response',
    class extends Standard {
      constructor(body?: BodyInit | null, init?: ResponseInit) {
        super(body, init)
        if (init) given.push(init)
      }
    },
  )
  try {
    const validator = createMaskinportenValidator({
      issuer: 'https://maskinporten.no/',
      jwks: (await createMockMaskinporten()).jwks(),
    })
    await requireMaskinportenScope('nav:x.read', { validator })(() => expect.unreachable('the handler ran'))(
      new Request('http://localhost/'),
    )
    expect(given).toHaveLength(1)
    expect(Object.isFrozen(given[0]?.headers)).toBe(false)
  } finally {
    vi.unstubAllGlobals()
  }
})
