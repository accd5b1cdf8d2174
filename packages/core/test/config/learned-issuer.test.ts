import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { decodeJwt } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { DecisionEvent } from '../../src/decision/event.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'
import { reasonOfAsync } from '../refusal.js'

const READ = 'nav:x.read'
const HOME = 'https://mp.example'
const METADATA = `${HOME}/.well-known/oauth-authorization-server`
const KEYS = 'https://keys.example/jwk'
const TEXAS = 'http://127.0.0.1:7164/api/v1/introspect'
const SPELLINGS = [`${HOME}/`, HOME] as const

let clock: TestClock
let mock: MockMaskinporten
let asked: string[]
let events: DecisionEvent[]
/** What the metadata says. */
let metadata: () => Response | Promise<Response>

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock })
})
beforeEach(() => {
  asked = []
  events = []
  metadata = () => Response.json({ issuer: SPELLINGS[0] })
  for (const name of Object.keys(process.env)) {
    if (/^(MASKINPORTEN|NAIS)_/.test(name)) vi.stubEnv(name, undefined)
  }
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', METADATA)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function fetch(url: string, init: RequestInit): Promise<Response> {
  asked.push(url)
  if (url === KEYS) return Response.json(mock.jwks())
  if (url !== TEXAS) return metadata()
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  const { token } = JSON.parse(String(init.body))
  return Response.json(token === 'probe' ? { active: false } : { active: true, ...decodeJwt(token) })
}

const options = () => ({ fetch, clock, onDecision: (event: DecisionEvent) => events.push(event) })
const down = () => Promise.reject(new TypeError('fetch failed'))
const tokenOf = (issuer: string) => mock.issueToken({ scope: READ, issuer })

/** Each kind of validator that knows its issuer by metadata alone. */
const KINDS: readonly [string, () => MaskinportenValidator][] = [
  [
    'keys at MASKINPORTEN_JWKS_URI',
    () => {
      vi.stubEnv('MASKINPORTEN_JWKS_URI', KEYS)
      return createMaskinportenValidator({ ...options(), random: () => 0.5 })
    },
  ],
  [
    'Texas',
    () => {
      vi.stubEnv('MASKINPORTEN_JWKS_URI', KEYS)
      vi.stubEnv('NAIS_TOKEN_INTROSPECTION_ENDPOINT', TEXAS)
      return createTexasValidator({ ...options(), random: () => 0.5 })
    },
  ],
]

describe.each(KINDS)('a validator with %s and only the address of metadata', (_title, create) => {
  test.each(SPELLINGS)('metadata names the issuer %s, and no other form is accepted', async (issuer) => {
    metadata = () => Response.json({ issuer })
    const validator = create()
    const other = SPELLINGS.find((spelling) => spelling !== issuer) ?? ''
    await expect(validator.verify(await tokenOf(issuer), READ)).resolves.toMatchObject({ issuer })
    expect(await reasonOfAsync(validator.verify(await tokenOf(other), READ))).toBe('wrong_issuer')
    expect(asked.slice(0, 2)).toEqual([METADATA, KEYS])
  })

  it('metadata is read once', async () => {
    const validator = create()
    for (let time = 0; time < 3; time++) await validator.verify(await tokenOf(SPELLINGS[0]), READ)
    clock.advance(2 * 86_400)
    await validator.verify(await tokenOf(SPELLINGS[0]), READ)
    expect(asked.filter((url) => url === METADATA)).toHaveLength(1)
  })

  test.each<[string, () => Response | Promise<Response>, string]>([
    ['cannot be reached', down, 'unreachable'],
    ['is an error', () => Response.json({}, { status: 500 }), 'bad_status'],
    ['names another issuer', () => Response.json({ issuer: 'https://evil.example/' }), 'wrong_metadata'],
    ['is not an object', () => Response.json([SPELLINGS[0]]), 'wrong_metadata'],
  ])('the answer is 503 while metadata %s, and nothing else is fetched', async (_case, given, failure) => {
    metadata = given
    const validator = create()
    const decision = await validator.decide(`Bearer ${await tokenOf(SPELLINGS[0])}`, READ)
    expect(decision).toMatchObject({ allowed: false, denial: { status: 503, reason: 'keys_unavailable' } })
    expect(decision).toHaveProperty('denial.headers.retry-after')
    expect(events).toMatchObject([{ reason: 'keys_unavailable', upstreamFailure: failure }])
    expect(asked).toEqual([METADATA])
  })

  it('`health` is not usable before the issuer is known, and reads metadata', async () => {
    metadata = down
    const validator = create()
    expect(validator.health().usable).toBe(false)
    await vi.waitFor(() =>
      expect(validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable' } }),
    )
    metadata = () => Response.json({ issuer: SPELLINGS[0] })
    clock.advance(2)
    await validator.ready()
    await vi.waitFor(() => expect(validator.health().usable).toBe(true))
  })

  it('failing metadata is read again only after a pause', async () => {
    metadata = down
    const validator = create()
    const attempt = async () => reasonOfAsync(validator.verify(await tokenOf(SPELLINGS[0]), READ))
    for (let time = 0; time < 3; time++) expect(await attempt()).toBe('keys_unavailable')
    expect(asked).toEqual([METADATA])
    clock.advance(1.2)
    expect(await attempt()).toBe('keys_unavailable')
    expect(asked).toEqual([METADATA, METADATA])
  })

  it('a token that no issuer could have issued is refused without metadata', async () => {
    metadata = down
    const validator = create()
    expect(await reasonOfAsync(validator.verify('a.b', READ))).toBe('malformed_token')
    expect(await reasonOfAsync(validator.verify(await tokenOf('https://evil.example/'), READ))).toBe(
      'wrong_issuer',
    )
    expect(asked).toEqual([])
  })
})

it('a validator with Texas is not ready before metadata has named the issuer', async () => {
  metadata = down
  vi.stubEnv('NAIS_TOKEN_INTROSPECTION_ENDPOINT', TEXAS)
  vi.stubEnv('MASKINPORTEN_JWKS_URI', KEYS)
  const validator = createTexasValidator(options())
  let reason: unknown
  validator.ready().catch((error) => {
    reason = error.reason
  })
  await vi.waitFor(() => {
    clock.advance(1)
    expect(reason).toBe('keys_unavailable')
  })
  expect(asked).not.toContain(KEYS)
  metadata = () => Response.json({ issuer: SPELLINGS[1] })
  clock.advance(60)
  await validator.ready()
  expect([...asked.slice(-3)].sort()).toEqual([TEXAS, KEYS, METADATA].sort())
})

it('an explanation by a validator with Texas fetches nothing before the issuer is known', async () => {
  vi.stubEnv('NAIS_TOKEN_INTROSPECTION_ENDPOINT', TEXAS)
  const explanation = await createTexasValidator(options()).explain(await tokenOf(SPELLINGS[0]), READ)
  expect(explanation.verdict).toBe('undecided')
  expect(asked).toEqual([])
})
