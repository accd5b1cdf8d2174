import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from 'node:http'
import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { createForwardAuth, type Rules } from '../../examples/forward-auth/src/forward-auth.js'
import { methodOf, uriOf } from '../../examples/forward-auth/src/original-request.js'
import { type RawHeaders, type Running, running, send } from '../contract/conformance/host.js'
import { NGINX, type Nginx, startNginx } from './nginx.js'

const SCOPE = 'portvakt:vedtak.read'
const IDENTITY = ['consumer', 'supplier', 'scopes', 'client-id'].map((name) => `x-maskinporten-${name}`)

let mock: MockMaskinporten
let validator: MaskinportenValidator
let bearer: RawHeaders[number]
beforeAll(async () => {
  mock = await createMockMaskinporten()
  validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  bearer = await authorization({ scope: SCOPE, consumer: '889640782' })
})

const authorization = async (options: Parameters<MockMaskinporten['issueToken']>[0]) =>
  ['Authorization', `Bearer ${await mock.issueToken(options)}`] as const

describe('the auth server of the forward-auth example', () => {
  let auth: Running | undefined
  const asked = async (
    path: string,
    headers: RawHeaders = [],
    rules: Rules = { '/auth': SCOPE },
    method = 'GET',
  ) => {
    auth = await running(createForwardAuth(rules, validator))
    try {
      return await send(auth.port, method, path, headers)
    } finally {
      await auth.close()
    }
  }

  it('an allowed request gets 200 without a body, and every identity header once', async () => {
    const { status, headers, body } = await asked('/auth', [bearer])
    expect([status, body]).toEqual([200, ''])
    expect(headers).toMatchObject({
      'content-length': '0',
      'cache-control': 'no-store',
      'x-maskinporten-consumer': '889640782',
      'x-maskinporten-supplier': '',
      'x-maskinporten-scopes': SCOPE,
    })
    expect(IDENTITY.every((name) => typeof headers[name] === 'string')).toBe(true)
  })

  it('scopes that are too long or not ASCII are left out, and the answer stays small', async () => {
    for (const scope of [`${SCOPE} ${'nav:x '.repeat(400)}`, `${SCOPE} nav:ø`]) {
      const { status, headers } = await asked('/auth', [await authorization({ scope })])
      expect([status, headers['x-maskinporten-scopes']]).toEqual([200, ''])
    }
  })

  test.each<[string, RawHeaders, number, string]>([
    ['no token', [], 401, 'no_credentials'],
    ['a malformed token', [['Authorization', 'Bearer x']], 401, 'malformed_token'],
    [
      'an empty header and a second one',
      [
        ['Authorization', ''],
        ['Authorization', 'Bearer x'],
      ],
      400,
      'ambiguous_credentials',
    ],
  ])(
    'a request with %s gets the refusal, which one header repeats',
    async (_title, given, status, reason) => {
      const answer = await asked('/auth', given)
      expect([answer.status, JSON.parse(answer.body).reason]).toEqual([status, reason])
      expect(JSON.parse(String(answer.headers['x-problem']))).toEqual(JSON.parse(answer.body))
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="maskinporten"/)
    },
  )

  test.each([
    ['/auth', 200],
    ['/auth?of=the-caller', 200],
    ['/auth?', 200],
    ['/auth/the/path', 200],
    ['/auth/../other', 200],
    ['/authother', 403],
    ['/AUTH', 403],
    ['/%61uth', 403],
    ['//auth', 403],
    ['/', 403],
    ['/open/../auth', 403],
  ])('the address %s is compared as it was sent: %i', async (path, status) => {
    expect((await asked(path, [bearer])).status).toBe(status)
  })

  test.each(['HEAD', 'POST', 'PROPFIND'])('a question by %s is answered', async (method) => {
    expect((await asked('/auth', [bearer], { '/auth': SCOPE }, method)).status).toBe(200)
  })

  it('a question with `Expect` is answered', async () => {
    const expecting: RawHeaders = [bearer, ['Expect', '100-continue']]
    expect((await asked('/auth', expecting)).status).toBe(200)
    expect((await asked('/auth', [bearer, ['Expect', 'other']])).status).toBe(200)
  })

  it('a token of 48 KB is decided', async () => {
    const large: RawHeaders = [['Authorization', `Bearer ${'x'.repeat(48_000)}`]]
    expect((await asked('/auth', large)).status).toBe(401)
  })

  it('an outage of Maskinporten is 503 with Retry-After', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'))
    const server = await running(
      createForwardAuth({ '/auth': SCOPE }, createMaskinportenValidator({ issuer: mock.issuer, fetch })),
    )
    const { status, headers } = await send(server.port, 'GET', '/auth', [bearer])
    await server.close()
    expect([status, Number(headers['retry-after']) > 0]).toEqual([503, true])
  })

  it.each([
    [{ '/auth': SCOPE, '/auth/admin': SCOPE }, '"/auth" begins "/auth/admin"'],
    [{ auth: SCOPE }, '"auth" must be a path like /auth'],
    [{ '/auth?x': SCOPE }, 'must be a path'],
  ])('the addresses of %j throw', (rules, message) => {
    expect(() => createForwardAuth(rules, validator)).toThrow(message)
  })

  it('a rule can use the method and the address from the source that it names, and only from that one', async () => {
    const rules: Rules = {
      '/auth': (request) =>
        methodOf(request, 'x-original') === 'GET' && uriOf(request, 'x-original') === '/a'
          ? SCOPE
          : 'portvakt:other',
    }
    const original = (method: string): RawHeaders => [
      bearer,
      ['X-Original-Method', method],
      ['X-Original-URI', '/a'],
    ]
    expect((await asked('/auth', original('GET'), rules)).status).toBe(200)
    expect((await asked('/auth', original('PUT'), rules)).status).toBe(403)
    const forwarded: RawHeaders = [bearer, ['X-Forwarded-Method', 'GET'], ['X-Forwarded-Uri', '/a']]
    expect((await asked('/auth', forwarded, rules)).status).toBe(500)
    expect((await asked('/auth', [...original('GET'), ['X-Original-Method', 'GET']], rules)).status).toBe(500)
  })

  it('methodOf and uriOf read the source of each proxy', () => {
    const request = {
      method: 'POST',
      url: '/auth/a?b',
      headersDistinct: { 'x-forwarded-method': ['PUT'], 'x-forwarded-uri': ['/c'] },
    }
    const given = request as unknown as IncomingMessage
    expect([methodOf(given, 'request-line'), uriOf(given, 'request-line')]).toEqual(['POST', '/auth/a?b'])
    expect([methodOf(given, 'x-forwarded'), uriOf(given, 'x-forwarded')]).toEqual(['PUT', '/c'])
    expect(() => uriOf(given, 'x-original')).toThrow('exactly one x-original-uri')
  })
})

describe.skipIf(NGINX === undefined)('a service behind nginx and the auth server', () => {
  let auth: Running
  let service: Running
  let nginx: Nginx
  let seen: IncomingHttpHeaders[]
  let outage = false
  beforeAll(async () => {
    const down = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: () => Promise.reject(new TypeError()),
    })
    const servers = [validator, down].map((one) => createForwardAuth({ '/auth': SCOPE }, one))
    const choose: RequestListener = (...given) => servers[outage ? 1 : 0]?.emit('request', ...given)
    auth = await running(createServer({ maxHeaderSize: 65_536 }, choose))
    service = await running(
      createServer((request, response) => {
        seen.push(request.headers)
        response.end('served')
      }),
    )
    nginx = await startNginx(auth.port, service.port)
  })
  beforeEach(() => {
    seen = []
    outage = false
  })
  afterAll(async () => {
    await nginx.close()
    await auth.close()
    await service.close()
  })
  const get = (headers: RawHeaders, target = '/') => send(nginx.port, 'GET', target, headers)

  it('an allowed request reaches the service with the identity, and without the token', async () => {
    expect(await get([bearer])).toMatchObject({ status: 200, body: 'served' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-maskinporten-consumer': '889640782', 'x-maskinporten-scopes': SCOPE })
    expect(seen[0]).not.toHaveProperty('authorization')
  })

  it('identity headers of the caller never reach the service', async () => {
    const forged = [...IDENTITY, 'X_Maskinporten_Consumer', 'X-MASKINPORTEN-SUPPLIER'].map(
      (name) => [name, '999999999'] as const,
    )
    await get([bearer, ...forged])
    expect(JSON.stringify(seen)).not.toContain('999999999')
    expect(seen[0]?.['x-maskinporten-consumer']).toBe('889640782')
  })

  it('a request without a token gets one challenge and the problem document', async () => {
    const { status, headers, body } = await get([])
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    expect(JSON.parse(body)).toMatchObject({ status: 401, reason: 'no_credentials' })
    expect(seen).toEqual([])
  })

  it('a request without the scope gets 403 with the challenge', async () => {
    const { status, headers, body } = await get([await authorization({ scope: 'portvakt:other' })])
    expect([status, JSON.parse(body).reason]).toEqual([403, 'insufficient_scope'])
    expect(headers['www-authenticate']).toContain('error="insufficient_scope"')
  })

  it('two Authorization headers are refused with 400', async () => {
    expect((await get([bearer, bearer])).status).toBe(400)
    expect(seen).toEqual([])
  })

  it('joined credentials are refused with 400 and the problem document', async () => {
    const { status, body } = await get([['Authorization', `${bearer[1]}, ${bearer[1]}`]])
    expect([status, JSON.parse(body).reason]).toEqual([400, 'ambiguous_credentials'])
  })

  it('a token of 15 KB passes', async () => {
    const scope = `${SCOPE} ${Array.from({ length: 600 }, (_, index) => `nav:x/y/z.read${index}`).join(' ')}`
    const large = await authorization({ scope })
    expect(large[1].length).toBeGreaterThan(14_000)
    expect((await get([large])).status).toBe(200)
  })

  it('an outage of Maskinporten is 503 with Retry-After and the problem document', async () => {
    outage = true
    const { status, headers, body } = await get([bearer])
    expect([status, JSON.parse(body).status]).toEqual([503, 503])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(seen).toEqual([])
  })

  it.each(['//x', '/a/../b', '/x/%2e%2e/b', '/a;b/c'])('the path %s is asked about too', async (target) => {
    expect((await get([], target)).status).toBe(401)
    expect(seen).toEqual([])
  })
})

describe.skipIf(NGINX === undefined)('nginx without its auth server', () => {
  it('a request is refused with 503', async () => {
    const service = await running(createServer((_request, response) => response.end('served')))
    const gone = await running(createServer())
    await gone.close()
    const nginx = await startNginx(gone.port, service.port)
    expect((await send(nginx.port, 'GET', '/', [bearer])).status).toBe(503)
    await nginx.close()
    await service.close()
  })
})
