import { describe, expect, it, test } from 'vitest'
import { reasonOfAsync } from './refusal.js'
import { clock, events, READ, readToken, validator } from './validator-world.js'

describe('verify', () => {
  it('`verify` returns the typed token of a good call', async () => {
    const token = await validator().verify(await readToken({ consumer: '889640782' }), READ)
    expect(token.consumer.organisationNumber).toBe('889640782')
    expect(token.scopes).toEqual([READ])
  })

  test.each(['RS256', 'RS384', 'RS512'] as const)('`verify` accepts %s', async (algorithm) => {
    await expect(validator().verify(await readToken({ algorithm }), READ)).resolves.toBeDefined()
  })

  it('`verify` refuses an algorithm that is not in `algorithms`', async () => {
    const strict = validator({ algorithms: ['RS512'] })
    expect(await reasonOfAsync(strict.verify(await readToken(), READ))).toBe('unsupported_algorithm')
  })

  it('`verify` refuses a token with another signature, without a cause that could quote it', async () => {
    const [header, payload] = (await readToken()).split('.')
    const [, , signature] = (await readToken()).split('.')
    const error: unknown = await validator()
      .verify(`${header}.${payload}.${signature}`, READ)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ reason: 'bad_signature' })
    expect(error).not.toHaveProperty('cause')
  })

  it('`verify` throws a new error each time, which the caller can change', async () => {
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

  it('`verify` refuses a non-string token', async () => {
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
      'a wrong consumer is refused before the application’s own rule runs',
      { consumer: '991825827', audience: 'https://a.no' },
      'consumer_not_allowed',
    ],
    ['the own rule is last', { consumer: '889640782', audience: 'https://a.no' }, 'not_authorized'],
  ])('%s', async (_title, token, reason) => {
    const rule = { scope: READ, audience: 'https://a.no', consumers: ['889640782'], authorize: () => false }
    expect(await reasonOfAsync(validator().verify(await readToken(token), rule))).toBe(reason)
  })
})

describe('demands', () => {
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
  ])('demands are checked in order: %s', async (reason, token) => {
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

  it('demands are checked on every request: a consent can end before its token', async () => {
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

  it('`verify` rejects with what the `pid` function throws', async () => {
    const own = new Error('no such case')
    const pid = () => {
      throw own
    }
    const token = await readToken({ pid: PID })
    await expect(validator().decide(`Bearer ${token}`, { scope: READ, pid })).rejects.toBe(own)
  })

  it('a refusal by a demand has no personal data in its answer', async () => {
    const token = await readToken({ consumer: '991825827', supplier: '810969342', pid: PID })
    const rule = { scope: READ, delegation: { suppliers: ['889640782'] }, pid: () => '01010199998' }
    const decision = await validator().decide(`Bearer ${token}`, rule)
    expect(decision).toMatchObject({ denial: { status: 403, reason: 'supplier_not_allowed' } })
    expect(JSON.stringify(decision)).not.toMatch(/991825827|810969342|889640782|0101019999/)
  })
})

describe('audience', () => {
  it('an audience is not checked by default, and the event says when a specific one was unchecked', async () => {
    await validator().verify(await readToken({ audience: 'https://other.no' }), READ)
    await validator().verify(await readToken({ audience: 'unspecified' }), READ)
    await validator().verify(await readToken(), READ)
    expect(events.map((event) => event.audienceUnchecked)).toEqual([true, undefined, undefined])
  })

  it('an event does not report a checked audience as unchecked', async () => {
    const token = await readToken({ audience: 'https://a.no' })
    await validator({ audience: 'https://a.no' }).verify(token, READ)
    await validator().verify(token, { scope: READ, audience: 'https://a.no' })
    expect(events).toHaveLength(2)
    for (const event of events) expect(event).not.toHaveProperty('audienceUnchecked')
  })

  it('the audience of the validator is required on every route; absent and unspecified are refused', async () => {
    const strict = validator({ audience: 'https://a.no' })
    await expect(
      strict.verify(await readToken({ audience: ['https://x.no', 'https://a.no'] }), READ),
    ).resolves.toBeDefined()
    for (const audience of [undefined, 'unspecified', 'https://a.no/']) {
      const token = await readToken(audience === undefined ? {} : { audience })
      expect(await reasonOfAsync(strict.verify(token, READ))).toBe('wrong_audience')
    }
  })

  it('the audience of a route replaces that of the validator', async () => {
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

  it('a requirement can depend on the request', async () => {
    const token = await readToken()
    await expect(validator().verify(token, byMethod, { request: { method: 'GET' } })).resolves.toBeDefined()
    expect(await reasonOfAsync(validator().verify(token, byMethod, { request: { method: 'PUT' } }))).toBe(
      'insufficient_scope',
    )
  })

  it('a requirement function runs only after the token is verified', async () => {
    const never = () => expect.unreachable('asked for a forged token')
    expect(await reasonOfAsync(validator().verify(`${await readToken()}AAAA`, never))).toBe('bad_signature')
  })

  it('a bad result of a requirement function is the application’s error, not a refusal', async () => {
    const bad = validator().decide(`Bearer ${await readToken()}`, () => 'no scope')
    await expect(bad).rejects.toThrow(TypeError)
  })
})
