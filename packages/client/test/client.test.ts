import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { consent, MaskinportenClientError, systemUser, type TokenRequest } from '../src/index.js'
import { CUSTOMER, canned, createKit, errorOf, type Kit, OWN, SCOPE, settle } from './kit.js'

let kit: Kit
beforeEach(async () => {
  kit = await createKit()
})

/** How long the story of the cache is; shorter only where all of this runs many times over. */
const STORY = Number(process.env['STORY_SECONDS'] ?? 86_400)

/** The same at every run. */
let seed = 42
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

describe('a token', () => {
  it('a token is issued for an assertion signed with the client’s key', async () => {
    const { accessToken, expiresAt, scope } = await kit.client().getToken({ scope: SCOPE })
    expect(decodeJwt(accessToken)).toMatchObject({ scope: SCOPE, consumer: { ID: `0192:${OWN}` } })
    expect([expiresAt, scope]).toEqual([kit.clock.now() / 1000 + 120, SCOPE])
  })

  it('a token is restricted to an API or a person', async () => {
    const client = kit.client()
    const forApi = await client.getToken({ scope: SCOPE, resource: 'https://api.example.no/' })
    expect(decodeJwt(forApi.accessToken).aud).toBe('https://api.example.no/')
    const forPerson = await client.getToken({ scope: SCOPE, pid: '01010199999' })
    expect(decodeJwt(forPerson.accessToken)['pid']).toBe('01010199999')
  })

  it('a token on behalf of a customer has the customer as consumer', async () => {
    const acting = kit.client().for({ consumerOrg: CUSTOMER })
    const { accessToken } = await acting.getToken({ scope: SCOPE })
    expect(decodeJwt(accessToken)).toMatchObject({
      consumer: { ID: `0192:${CUSTOMER}` },
      supplier: { ID: `0192:${OWN}` },
    })
  })

  it('the token endpoint is found by metadata only', async () => {
    const {
      issuer = '',
      clientId = '',
      key = { jwk: '' },
      clock = kit.clock,
      fetch = kit.answer,
    } = kit.options
    const { createMaskinportenClient } = await import('../src/index.js')
    const client = createMaskinportenClient({ issuer, clientId, key, clock, fetch })
    await expect(client.getToken({ scope: SCOPE })).resolves.toBeDefined()
  })
})

describe('the cache', () => {
  it('names the granted scopes: those of the answer, else the requested ones', async () => {
    const answers = [{ scope: SCOPE }, {}]
    kit.answer = async () =>
      Response.json({ access_token: 'a', token_type: 'Bearer', expires_in: 120, ...answers.shift() })
    const granted = async () => (await kit.client().getToken({ scope: `nav:short ${SCOPE}` })).scope
    expect([await granted(), await granted()]).toEqual([SCOPE, `nav:short ${SCOPE}`])
  })

  it('returns the same token for the same request, in whatever order its scopes are', async () => {
    const client = kit.client()
    const tokens = await Promise.all(
      [`${SCOPE} nav:short`, ` nav:short  ${SCOPE}\n`, ['nav:short', SCOPE, SCOPE]].map((scope) =>
        client.getToken({ scope }),
      ),
    )
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
    expect(kit.requests).toBe(1)
  })

  it('keeps tokens apart that differ in any member of the request', async () => {
    const client = kit.client()
    const requests: TokenRequest[] = [
      { scope: SCOPE },
      { scope: 'nav:short' },
      { scope: SCOPE, resource: 'https://a.no/' },
      { scope: SCOPE, resource: 'https://b.no/' },
      { scope: SCOPE, pid: '01010199999' },
      { scope: SCOPE, pid: '01010199998' },
    ]
    const tokens = await Promise.all([
      ...requests.map((request) => client.getToken(request)),
      client.for({ consumerOrg: CUSTOMER }).getToken({ scope: SCOPE }),
    ])
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(7)
  })

  it('sends one HTTP request for 10,000 callers with the same token request, and 100 for 100 different ones', async () => {
    const client = kit.client()
    await Promise.all(Array.from({ length: 10_000 }, () => client.getToken({ scope: SCOPE })))
    expect(kit.requests).toBe(1)
    await Promise.all(
      Array.from({ length: 10_000 }, (_, n) =>
        client.getToken({ scope: SCOPE, resource: `https://api.example.no/${n % 100}` }),
      ),
    )
    expect(kit.requests).toBe(101)
  })

  it('renews in the background in the last third of a life, without delaying a call', async () => {
    const client = kit.client()
    kit.answer = async () => canned(kit.clock)
    const first = await client.getToken({ scope: SCOPE })
    kit.clock.advance(79)
    expect(await client.getToken({ scope: SCOPE })).toEqual(first)
    expect(kit.requests).toBe(1)
    kit.clock.advance(1)
    expect(await client.getToken({ scope: SCOPE })).toEqual(first)
    await settle()
    expect(kit.requests).toBe(2)
    expect((await client.getToken({ scope: SCOPE })).accessToken).not.toBe(first.accessToken)
  })

  it('an outage is hidden until the token expires', async () => {
    const client = kit.client()
    const first = await client.getToken({ scope: SCOPE })
    kit.answer = () => Promise.reject(new TypeError('fetch failed'))
    kit.clock.advance(100)
    expect(await client.getToken({ scope: SCOPE })).toEqual(first)
    kit.clock.advance(15)
    const refused = errorOf(client.getToken({ scope: SCOPE }))
    for (let second = 0; second < 20; second++) {
      await settle()
      kit.clock.advance(1)
    }
    expect(await refused).toMatchObject({ code: 'unavailable', retryable: true })
  })

  it('fetches a new token with `skipCache`', async () => {
    const client = kit.client()
    const first = await client.getToken({ scope: SCOPE })
    const second = await client.getToken({ scope: SCOPE, skipCache: true })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(await client.getToken({ scope: SCOPE })).toEqual(second)
  })

  it('a token is fetched for a token request only, also by `fetch`', () => {
    const none = SCOPE as unknown as TokenRequest
    expect(() => kit.client().fetch(none)).toThrow(
      new TypeError('A token request takes an object of options'),
    )
  })

  it('`skipCache` for `fetch` throws', () => {
    expect(() => kit.client().fetch({ scope: SCOPE, skipCache: true } as TokenRequest)).toThrow(
      new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected'),
    )
  })

  it('the number of cached tokens is bounded', async () => {
    const client = kit.client({ maxTokens: 10 })
    for (let n = 0; n < 20; n++) await client.getToken({ scope: SCOPE, resource: `https://a.no/${n}` })
    await client.getToken({ scope: SCOPE, resource: 'https://a.no/0' })
    expect(kit.requests).toBe(21)
  })

  it('over a day of one-minute tokens and random faults, hands out no expired one and delays no caller whose token could be renewed before', async () => {
    const client = kit.client({ random })
    let failed = true
    kit.answer = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      const fault = random()
      failed = fault < 0.2
      if (fault < 0.1) throw new TypeError('fetch failed')
      return failed ? new Response('busy', { status: 503 }) : canned(kit.clock, 60)
    }
    const seen = { expired: 0, had: 0, waited: 0, waitedInVain: 0 }
    for (let time = 0; time < STORY; time += 3) {
      kit.clock.advance(3)
      await settle()
      const latestFailed = failed
      let answered = false
      client.getToken({ scope: SCOPE }).then(
        ({ accessToken }) => {
          answered = true
          seen.had++
          if (Number(accessToken) <= kit.clock.now() / 1000) seen.expired++
        },
        (error: unknown) => expect(error).toBeInstanceOf(MaskinportenClientError),
      )
      // A kept token is there at once; one that is fetched takes a turn of the event loop.
      for (let step = 0; step < 50; step++) await Promise.resolve()
      if (!answered) seen.waited++
      if (!answered && !latestFailed) seen.waitedInVain++
      await settle()
    }
    expect(seen).toMatchObject({ expired: 0, waitedInVain: 0 })
    expect(seen.had).toBeGreaterThan(0.97 * (STORY / 3))
    // Only when five renewals in a row fail has a caller to wait: in a thousand, fewer than one.
    expect(seen.waited).toBeLessThan(STORY / 3000 + 1)
  }, 120_000)

  it('a failed renewal is repeated after growing pauses, not at every call', async () => {
    const client = kit.client()
    await client.getToken({ scope: SCOPE })
    kit.answer = async () => new Response('', { status: 400 })
    const renewals: number[] = []
    for (let second = 1; second < 115; second++) {
      kit.clock.advance(1)
      const before = kit.requests
      await client.getToken({ scope: SCOPE })
      await settle()
      if (kit.requests > before) renewals.push(second)
    }
    expect(renewals).toEqual([80, 81, 83, 86, 92, 104])
  })
})

describe('a malformed token request', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /object|scope/],
    ['no scope', {}, /`scope` must name/],
    ['an empty scope', { scope: ' ' }, /`scope` must name/],
    ['a name from nais.yaml', { scope: 'afp.read' }, /"afp.read" is not a full scope/],
    ['a misspelt member', { scope: SCOPE, resourse: 'https://a.no' }, /no option `resourse`/],
    ['a variable that is missing', { scope: SCOPE, resource: undefined }, /`resource` is undefined/],
    ['a resource that is no URI', { scope: SCOPE, resource: 'api' }, /absolute URI/],
    ['a pid of ten digits', { scope: SCOPE, pid: '0101019999' }, /eleven digits/],
    ['details that are no list', { scope: SCOPE, authorizationDetails: {} }, /list of objects/],
  ])('%s throws, naming what is wrong', async (_title, request, message) => {
    await expect(kit.client().getToken(request as TokenRequest)).rejects.toThrow(message)
    expect(kit.requests).toBe(0)
  })

  it('for a customer with its ICD throws at once', () => {
    expect(() => kit.client().for({ consumerOrg: `0192:${CUSTOMER}` })).toThrow(/without "0192:"/)
  })

  it('with a scope that the client does not have fails before anything is sent, with the line for nais.yaml', async () => {
    const error = await errorOf(kit.client({ scopes: [SCOPE] }).getToken({ scope: 'skatt:x' }))
    expect(error).toMatchObject({
      code: 'scope_not_registered',
      hint: { fix: expect.stringMatching(/- name: "skatt:x".*InvalidConsumedScopes/) },
    })
    expect(kit.requests).toBe(0)
  })
})

it('the helpers make the details that Digdir documents', () => {
  expect(systemUser('314168267', 'ref')).toEqual({
    type: 'urn:altinn:systemuser',
    systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:314168267' },
    externalRef: 'ref',
  })
  expect(consent('0a7d', '05848998356')).toEqual({
    type: 'urn:altinn:consent',
    id: '0a7d',
    from: 'urn:altinn:person:identifier-no:05848998356',
  })
  expect(consent('0a7d', '314168267')).toMatchObject({
    from: 'urn:altinn:organization:identifier-no:314168267',
  })
  expect(() => consent('0a7d', '1')).toThrow(/eleven digits/)
})
