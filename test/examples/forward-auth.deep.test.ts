import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it, test } from 'vitest'
import { parseDocument } from 'yaml'
import { createForwardAuth, type Rules } from '../../examples/forward-auth/src/forward-auth.js'
import { methodOf, uriOf } from '../../examples/forward-auth/src/original-request.js'
import { type RawHeaders, running, send } from '../contract/conformance/host.js'
import { authorization, bearer, IDENTITY, SCOPE, validator } from './forward-auth-callers.js'

describe('the auth server of the forward-auth example', () => {
  const asked = async (
    path: string,
    headers: RawHeaders = [],
    rules: Rules = { '/auth': SCOPE },
    method = 'GET',
  ) => {
    const auth = await running(createForwardAuth(rules, validator))
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

  it('the header with the scopes is empty if the scopes are too long or not ASCII', async () => {
    for (const scope of [`${SCOPE} ${'nav:x '.repeat(400)}`, `${SCOPE} nav:ø`]) {
      const { status, headers } = await asked('/auth', [await authorization({ scope })])
      expect([status, headers['x-maskinporten-scopes']]).toEqual([200, ''])
    }
  })

  const EMPTY = ['Authorization', ''] as const
  test.each<[string, RawHeaders, number, string]>([
    ['no token', [], 401, 'no_credentials'],
    ['an empty header and a second one', [EMPTY, bearer], 400, 'ambiguous_credentials'],
  ])(
    'the refusal of a request with %s has its body in x-problem too',
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
    ['/auth/the/path', 200],
    ['/auth/../other', 200],
    ['/authother', 403],
    ['/AUTH', 403],
    ['/%61uth', 403],
    ['//auth', 403],
    ['/', 403],
  ])('a request for %s gets %i, as paths are neither decoded nor normalised', async (path, status) => {
    expect((await asked(path, [bearer])).status).toBe(status)
  })

  it('the auth server decides a request with another method than GET', async () => {
    expect((await asked('/auth', [bearer], { '/auth': SCOPE }, 'PROPFIND')).status).toBe(200)
  })

  test.each(['100-continue', 'other'])(
    'the auth server decides a request with `Expect: %s`',
    async (value) => {
      expect((await asked('/auth', [bearer, ['Expect', value]])).status).toBe(200)
    },
  )

  it('the auth server decides a token of 48 KB', async () => {
    const large: RawHeaders = [['Authorization', `Bearer ${'x'.repeat(48_000)}`]]
    expect((await asked('/auth', large)).status).toBe(401)
  })

  it.each([
    [{ '/auth': SCOPE, '/auth/admin': SCOPE }, '"/auth" begins "/auth/admin"'],
    [{ auth: SCOPE }, '"auth" must be a path like /auth'],
    [{ '/auth?x': SCOPE }, 'must be a path'],
  ])('createForwardAuth throws for the rules %j', (rules, message) => {
    expect(() => createForwardAuth(rules, validator)).toThrow(message)
  })

  it('a rule reads the original method only from the source that the rule names', async () => {
    const rules: Rules = {
      '/auth': (request) => (methodOf(request, 'x-original') === 'GET' ? SCOPE : 'portvakt:other'),
    }
    const statusFor = async (...headers: RawHeaders) =>
      (await asked('/auth', [bearer, ...headers], rules)).status
    const get = ['X-Original-Method', 'GET'] as const
    expect(await statusFor(get)).toBe(200)
    expect(await statusFor(['X-Original-Method', 'PUT'])).toBe(403)
    expect(await statusFor(['X-Forwarded-Method', 'GET'])).toBe(500)
    expect(await statusFor(get, get)).toBe(500)
  })

  it('methodOf and uriOf read method and URI from the given source: request line or headers', () => {
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

describe('the configurations for other proxies', () => {
  const textOf = (file: string) =>
    readFile(new URL(`../../examples/forward-auth/${file}`, import.meta.url), 'utf8')

  it.each(['traefik.yaml', 'traefik-routes.yaml', 'envoy.yaml'])('%s is valid YAML', async (file) => {
    expect(parseDocument(await textOf(file)).errors).toEqual([])
  })

  it('envoy.yaml names every identity header', async () => {
    const text = (await textOf('envoy.yaml')).toLowerCase()
    for (const name of IDENTITY) expect(text).toContain(name)
  })
})
