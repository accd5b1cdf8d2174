import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { MaskinportenValidatorOptions } from '../src/config/validator-options.js'
import type { DecisionEvent } from '../src/decision/decision.js'
import { adviceFor } from '../src/errors/advice.js'
import { MaskinportenError } from '../src/errors/maskinporten-error.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../src/validator.js'
import { reasonOfAsync } from './refusal.js'

let clock: TestClock
let mock: MockMaskinporten
let events: DecisionEvent[]

beforeAll(async () => {
  clock = createTestClock()
  await newMock()
})
beforeEach(() => {
  events = []
})

/** A mock whose keys and counters no other test has touched. */
async function newMock(): Promise<void> {
  mock = await createMockMaskinporten({ clock })
}

function validator(options: MaskinportenValidatorOptions = {}): MaskinportenValidator {
  return createMaskinportenValidator({
    issuer: mock.issuer,
    fetch: mock.fetch,
    clock,
    random: () => 0.5,
    onDecision: (event) => events.push(event),
    ...options,
  })
}

const READ = 'nav:x.read'
const readToken = (options: object = {}) => mock.issueToken({ scope: READ, ...options })

describe('verify', () => {
  it('returns the typed token of a good call', async () => {
    const token = await validator().verify(await readToken({ consumer: '889640782' }), READ)
    expect(token.consumer.organisationNumber).toBe('889640782')
    expect(token.scopes).toEqual([READ])
  })

  test.each(['RS256', 'RS384', 'RS512'] as const)('accepts %s', async (algorithm) => {
    await expect(validator().verify(await readToken({ algorithm }), READ)).resolves.toBeDefined()
  })

  it('refuses an algorithm that was configured away', async () => {
    const strict = validator({ algorithms: ['RS512'] })
    expect(await reasonOfAsync(strict.verify(await readToken(), READ))).toBe('unsupported_algorithm')
  })

  it('refuses a token with another signature, without a cause that could quote it', async () => {
    const [header, payload] = (await readToken()).split('.')
    const [, , signature] = (await readToken()).split('.')
    const error: unknown = await validator()
      .verify(`${header}.${payload}.${signature}`, READ)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ reason: 'bad_signature' })
    expect(error).not.toHaveProperty('cause')
  })

  it('throws an error of its own each time, which whoever catches it may add to', async () => {
    const [one, other] = await Promise.all(
      ['', ''].map((token) =>
        validator()
          .verify(token, READ)
          .catch((error: unknown) => error),
      ),
    )
    expect(one).toMatchObject({ reason: 'empty_token', stack: expect.stringContaining('validator') })
    expect(other).not.toBe(one)
    expect(Object.isExtensible(one)).toBe(true)
  })

  it('refuses what is no string', async () => {
    expect(await reasonOfAsync(validator().verify(undefined as never, READ))).toBe('malformed_token')
  })
})

describe('the order of the checks decides the answer', () => {
  test.each<[string, object, string]>([
    ['an expired token with a wrong scope is expired', { scope: 'nav:y', expiresIn: -60 }, 'expired'],
    [
      'an expired token from another issuer is expired',
      { issuer: 'https://evil.example/', expiresIn: -60 },
      'expired',
    ],
    [
      'another issuer with a wrong scope is another issuer',
      { scope: 'nav:y', issuer: 'https://evil.example/' },
      'wrong_issuer',
    ],
    [
      'a wrong audience with a wrong scope is a wrong audience',
      { scope: 'nav:y', audience: 'https://b.no' },
      'wrong_audience',
    ],
    [
      'a wrong scope of a wrong consumer is a wrong scope',
      { scope: 'nav:y', consumer: '991825827', audience: 'https://a.no' },
      'insufficient_scope',
    ],
    [
      'a wrong consumer is asked for before the own rule',
      { consumer: '991825827', audience: 'https://a.no' },
      'consumer_not_allowed',
    ],
    ['the own rule is last', { consumer: '889640782', audience: 'https://a.no' }, 'not_authorized'],
  ])('%s', async (_title, token, reason) => {
    const rule = { scope: READ, audience: 'https://a.no', consumers: ['889640782'], authorize: () => false }
    expect(await reasonOfAsync(validator().verify(await readToken(token), rule))).toBe(reason)
  })
})

describe('what a requirement demands', () => {
  const PID = '01010199999'
  const consumer = { authority: 'iso6523-actorid-upis', ID: '0192:889640782' }
  const delegated = { supplier: '810969342' }
  const systemUser = {
    type: 'urn:altinn:systemuser',
    systemuser_org: consumer,
    systemuser_id: ['x'],
    system_id: 's',
  }
  const consent = {
    type: 'urn:altinn:consent',
    id: 'c',
    from: `urn:altinn:person:identifier-no:${PID}`,
    to: consumer,
    consented: '2025-11-14T10:48:55Z',
    validTo: '2999-01-01T14:30:00Z',
    consentRights: [],
  }

  test.each<[string, object]>([
    ['delegation_required', {}],
    ['system_user_required', delegated],
    ['consent_required', { ...delegated, authorizationDetails: [systemUser] }],
    ['pid_required', { ...delegated, authorizationDetails: [systemUser, consent] }],
    ['pid_mismatch', { ...delegated, authorizationDetails: [systemUser, consent], pid: '01010199998' }],
    ['not_authorized', { ...delegated, authorizationDetails: [systemUser, consent], pid: PID }],
  ])('is judged in order: %s', async (reason, token) => {
    const rule = {
      scope: READ,
      delegation: 'required',
      systemUser: 'required',
      consent: 'required',
      pid: () => PID,
      authorize: () => false,
    } as const
    const issued = await readToken({ consumer: '889640782', ...token })
    expect(await reasonOfAsync(validator().verify(issued, rule))).toBe(reason)
  })

  it('is judged on every request: a consent ends while its token still lives', async () => {
    const validTo = new Date(clock.now() + 5000).toISOString()
    const token = await readToken({
      consumer: '889640782',
      authorizationDetails: [{ ...consent, validTo }],
    })
    const [rule, shared] = [{ scope: READ, consent: 'required' } as const, validator()]
    await expect(shared.verify(token, rule)).resolves.toBeDefined()
    clock.advance(5)
    expect(await reasonOfAsync(shared.verify(token, rule))).toBe('consent_expired')
    await expect(shared.verify(token, READ)).resolves.toBeDefined()
  })

  it('passes on what the function that says whom a call is about throws', async () => {
    const own = new Error('no such case')
    const pid = () => {
      throw own
    }
    const token = await readToken({ pid: PID })
    await expect(validator().decide(`Bearer ${token}`, { scope: READ, pid })).rejects.toBe(own)
  })

  it('is refused with nothing about anybody in the answer', async () => {
    const token = await readToken({ consumer: '991825827', supplier: '810969342', pid: PID })
    const rule = { scope: READ, delegation: { suppliers: ['889640782'] }, pid: () => '01010199998' }
    const decision = await validator().decide(`Bearer ${token}`, rule)
    expect(decision).toMatchObject({ denial: { status: 403, reason: 'supplier_not_allowed' } })
    expect(JSON.stringify(decision)).not.toMatch(/991825827|810969342|889640782|0101019999/)
  })
})

describe('audience', () => {
  it('is not asked for by default, and the event says when a specific one went unchecked', async () => {
    await validator().verify(await readToken({ audience: 'https://other.no' }), READ)
    await validator().verify(await readToken({ audience: 'unspecified' }), READ)
    await validator().verify(await readToken(), READ)
    expect(events.map((event) => event.audienceUnchecked)).toEqual([true, undefined, undefined])
  })

  it('that was asked for did not go unchecked', async () => {
    const token = await readToken({ audience: 'https://a.no' })
    await validator({ audience: 'https://a.no' }).verify(token, READ)
    await validator().verify(token, { scope: READ, audience: 'https://a.no' })
    expect(events).toHaveLength(2)
    for (const event of events) expect(event).not.toHaveProperty('audienceUnchecked')
  })

  it('of the validator is required on every route, absent and unspecified refused', async () => {
    const strict = validator({ audience: 'https://a.no' })
    await expect(
      strict.verify(await readToken({ audience: ['https://x.no', 'https://a.no'] }), READ),
    ).resolves.toBeDefined()
    for (const audience of [undefined, 'unspecified', 'https://a.no/']) {
      const token = await readToken(audience === undefined ? {} : { audience })
      expect(await reasonOfAsync(strict.verify(token, READ))).toBe('wrong_audience')
    }
  })

  it('of a route replaces the validator’s', async () => {
    const strict = validator({ audience: 'https://a.no' })
    const route = { scope: READ, audience: 'https://b.no' }
    await expect(strict.verify(await readToken({ audience: 'https://b.no' }), route)).resolves.toBeDefined()
    expect(await reasonOfAsync(strict.verify(await readToken({ audience: 'https://a.no' }), route))).toBe(
      'wrong_audience',
    )
  })
})

describe('a requirement computed from the request', () => {
  const byMethod = (request: { method: string }) => (request.method === 'GET' ? READ : 'nav:x.write')

  it('decides by the request', async () => {
    const token = await readToken()
    await expect(validator().verify(token, byMethod, { request: { method: 'GET' } })).resolves.toBeDefined()
    expect(await reasonOfAsync(validator().verify(token, byMethod, { request: { method: 'PUT' } }))).toBe(
      'insufficient_scope',
    )
  })

  it('is only asked once the token is verified', async () => {
    const never = () => expect.unreachable('asked for a forged token')
    expect(await reasonOfAsync(validator().verify(`${await readToken()}AAAA`, never))).toBe('bad_signature')
  })

  it('with a bad result is an error of the application, and not a refusal', async () => {
    const bad = validator().decide(`Bearer ${await readToken()}`, () => 'no scope')
    await expect(bad).rejects.toThrow(TypeError)
  })
})

describe('decide', () => {
  it('answers a missing token with a challenge and no error code', async () => {
    expect(await validator().decide(undefined, READ)).toMatchObject({
      allowed: false,
      denial: { status: 401, headers: { 'www-authenticate': 'Bearer realm="maskinporten"' } },
    })
  })

  it('attaches the token to a good call', async () => {
    const decision = await validator().decide(`bearer  ${await readToken()}`, READ)
    expect(decision).toMatchObject({ allowed: true, token: { scopes: [READ] } })
  })

  it('passes on what the application’s own rule throws', async () => {
    const own = new Error('database')
    const rule = { scope: READ, authorize: () => Promise.reject(own) }
    await expect(validator().decide(`Bearer ${await readToken()}`, rule)).rejects.toBe(own)
  })

  it('does not take the refusal of another token, which the application asked about, for its own', async () => {
    const inner = () => validator().verify('x', READ)
    const refuses = (): never => {
      throw new MaskinportenError('expired')
    }
    for (const requirement of [
      { scope: READ, authorize: async () => Boolean(await inner()) },
      { scope: READ, pid: refuses },
      async () => ({ scope: (await inner()).scopes[0] ?? READ }),
    ]) {
      const token = await readToken({ pid: '01010199999' })
      const error: unknown = await validator()
        .decide(`Bearer ${token}`, requirement)
        .catch((thrown) => thrown)
      expect(error).not.toBeInstanceOf(MaskinportenError)
      expect(error).toMatchObject({ message: expect.any(String), cause: expect.any(MaskinportenError) })
    }
  })

  it('works where the global Promise is another one, as with zone.js', async () => {
    const [token, unhandled] = [await readToken(), vi.fn()]
    process.on('unhandledRejection', unhandled)
    vi.stubGlobal('Promise', class Patched extends Promise<unknown> {})
    try {
      const onDecision = async () => {
        throw new Error('logger')
      }
      const patched = validator({ onDecision })
      for (const _ of [1, 2])
        expect(await patched.decide(`Bearer ${token}`, READ)).toMatchObject({ allowed: true })
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      vi.unstubAllGlobals()
      process.off('unhandledRejection', unhandled)
    }
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('uses the application’s body, and asks it with the request', async () => {
    const own = validator({ realm: 'vedtak', denialBody: ({ reason }, request) => ({ reason, request }) })
    const decision = await own.decide(undefined, READ, { request: 'GET /' })
    expect(decision).toMatchObject({
      denial: {
        body: '{"reason":"no_credentials","request":"GET /"}',
        headers: { 'www-authenticate': 'Bearer realm="vedtak"' },
      },
    })
  })
})

describe('refuseUnguarded', () => {
  it('refuses without a challenge, whatever comes, and tells and words it like every refusal', async () => {
    const own = validator({ denialBody: ({ reason }, request) => ({ reason, request }) })
    const decision = await own.refuseUnguarded({ request: 'GET /forgotten' })
    expect(decision).toMatchObject({
      allowed: false,
      denial: { status: 403, reason: 'no_guard', body: '{"reason":"no_guard","request":"GET /forgotten"}' },
    })
    expect(events).toEqual([
      {
        allowed: false,
        verified: false,
        code: 'access_denied',
        reason: 'no_guard',
        advice: adviceFor('no_guard'),
        duration: expect.any(Number),
      },
    ])
  })
})

describe('when Maskinporten is down', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const down = () => Promise.reject(new TypeError('fetch failed', { cause }))

  it('a good token is never answered with 401: without keys it is 503 with Retry-After', async () => {
    const decision = await validator({ fetch: down }).decide(`Bearer ${await readToken()}`, READ)
    expect(decision).toMatchObject({ denial: { status: 503, headers: { 'retry-after': '1' } } })
    expect(events.at(-1)).toMatchObject({
      reason: 'keys_unavailable',
      upstreamFailure: 'unreachable',
      upstreamFailureCode: 'ECONNREFUSED',
    })
  })

  it('known keys go on serving', async () => {
    let fetch = mock.fetch
    const validated = validator({ fetch: (url, init) => fetch(url, init) })
    await validated.verify(await readToken(), READ)
    fetch = down
    clock.advance(23 * 3600)
    await expect(validated.verify(await readToken(), READ)).resolves.toBeDefined()
    await expect(validated.verify(await readToken(), READ)).resolves.toBeDefined()
    expect(events.at(-1)).toMatchObject({ allowed: true, upstreamFailure: 'unreachable' })
  })

  it('a token from elsewhere is still told why, without a fetch', async () => {
    let fetches = 0
    const fetch = () => {
      fetches++
      return down()
    }
    const prod = validator({ issuer: 'https://maskinporten.no/', fetch })
    expect(await reasonOfAsync(prod.verify(await readToken(), READ))).toBe('wrong_environment')
    expect(fetches).toBe(0)
  })
})

describe('keys', () => {
  beforeEach(newMock)

  it('1,000 parallel first requests make one metadata and one key fetch', async () => {
    const [token, shared] = [await readToken(), validator()]
    await Promise.all(Array.from({ length: 1000 }, () => shared.verify(token, READ)))
    expect(mock.requests).toMatchObject({ metadata: 1, jwk: 1 })
  })

  it('rotate without a refused call', async () => {
    const [old, shared] = [await readToken(), validator()]
    await shared.verify(old, READ)
    await mock.rotateKeys()
    for (const token of [old, await readToken(), old]) {
      await expect(shared.verify(token, READ)).resolves.toBeDefined()
    }
    expect(mock.requests.jwk).toBe(2)
  })

  it('can be given by the application, and nothing is then fetched', async () => {
    const fetch = () => expect.unreachable('fetched')
    const offline = validator({ jwks: mock.jwks(), fetch })
    clock.advance(48 * 3600)
    await expect(offline.verify(await readToken(), READ)).resolves.toBeDefined()
  })

  it('are not believed when the metadata belongs to another issuer', async () => {
    const other = await createMockMaskinporten({ issuer: 'https://evil.example/' })
    const fooled = validator({ fetch: (url, init) => other.fetch(url, init) })
    expect(await reasonOfAsync(fooled.verify(await readToken(), READ))).toBe('keys_unavailable')
    expect(events.at(-1)).toMatchObject({ upstreamFailure: 'wrong_metadata' })
    expect(events.at(-1)).not.toHaveProperty('upstreamFailureCode')
    expect(other.requests.jwk).toBe(0)
  })

  it.each([
    'https://keys.example/jwk',
    'http://test.maskinporten.no/jwk',
    'https://test.maskinporten.no:8443/jwk',
    'https://user@test.maskinporten.no/jwk',
    'file:///jwk',
    '/jwk',
    7,
  ])('are not fetched from %s when metadata says so', async (jwks_uri) => {
    const fetch = async () => Response.json({ issuer: mock.issuer, jwks_uri })
    expect(await reasonOfAsync(validator({ fetch }).verify(await readToken(), READ))).toBe('keys_unavailable')
  })

  it('are found by the well-known variable alone, with either spelling of the issuer, which is then pinned', async () => {
    process.env['MASKINPORTEN_WELL_KNOWN_URL'] = 'https://mp.example/.well-known/oauth-authorization-server'
    try {
      for (const issuer of ['https://mp.example/', 'https://mp.example']) {
        const fetch = async (url: string) =>
          url.endsWith('/jwk')
            ? Response.json(mock.jwks())
            : Response.json({ issuer, jwks_uri: 'https://mp.example/jwk' })
        const validated = createMaskinportenValidator({ fetch, clock })
        await expect(validated.verify(await readToken({ issuer }), READ)).resolves.toBeDefined()
        const other = issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`
        expect(await reasonOfAsync(validated.verify(await readToken({ issuer: other }), READ))).toBe(
          'wrong_issuer',
        )
      }
    } finally {
      delete process.env['MASKINPORTEN_WELL_KNOWN_URL']
    }
  })

  it('are found at their known address although the metadata has broken', async () => {
    let metadataUp = true
    let keysUp = true
    const validated = validator({
      fetch: async (url, init) => {
        if (url.endsWith('/jwk') ? keysUp : metadataUp) return mock.fetch(url, init)
        throw new TypeError('fetch failed')
      },
    })
    await validated.ready()
    keysUp = false
    metadataUp = false
    clock.advance(700)
    await validated.verify(await readToken(), READ)
    await turn()
    keysUp = true
    for (let attempt = 0; attempt < 3; attempt++) {
      clock.advance(60)
      await validated.verify(await readToken(), READ)
      await turn()
    }
    expect(validated.health().lastFailure).toBeUndefined()
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('onDecision', () => {
  it('tells who called, for whom, and how long it took, and never the token or a person’s number', async () => {
    const token = await readToken({ consumer: '889640782', supplier: '991825827', pid: '01010199999' })
    await validator().decide(`Bearer ${token}`, READ)
    const [event] = events
    expect(event).toMatchObject({
      allowed: true,
      consumer: { organisationNumber: '889640782' },
      supplier: { organisationNumber: '991825827' },
      delegationSource: 'https://tt02.altinn.no/',
      clientId: mock.env['MASKINPORTEN_CLIENT_ID'],
      tokenId: expect.any(String),
      keyId: mock.jwks().keys[0]?.kid,
      duration: expect.any(Number),
    })
    expect(JSON.stringify(event)).not.toMatch(/01010199999/)
    for (const part of token.split('.')) expect(JSON.stringify(event)).not.toContain(part)
  })

  it('names no key where there was no token', async () => {
    await validator().decide(undefined, READ)
    expect(events[0]).toMatchObject({ allowed: false, reason: 'no_credentials' })
    expect(Object.keys(events[0] ?? {})).toEqual([
      'allowed',
      'verified',
      'code',
      'reason',
      'advice',
      'requiredScope',
      'duration',
    ])
  })

  it('tells of nobody before the signature is verified', async () => {
    await validator().decide(`Bearer ${await readToken()}AAAA`, READ)
    expect(events[0]).toEqual({
      allowed: false,
      verified: false,
      code: 'invalid_token',
      reason: 'bad_signature',
      advice: adviceFor('bad_signature'),
      requiredScope: READ,
      keyId: mock.jwks().keys[0]?.kid,
      duration: 0,
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('logger')
      },
    ],
    ['rejects', () => Promise.reject(new Error('logger'))],
  ])('never changes an answer, even when the listener %s', async (_title, onDecision) => {
    const decision = await validator({ onDecision }).decide(`Bearer ${await readToken()}`, READ)
    expect(decision.allowed).toBe(true)
  })
})

it('health tells a readiness probe what it needs', async () => {
  const validated = validator()
  expect(validated.health()).toEqual({ usable: false, keys: 0 })
  await validated.ready()
  clock.advance(5)
  expect(validated.health()).toEqual({ usable: true, keys: 1, keyAge: 5 })
})
