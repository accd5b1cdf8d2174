import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createTexasValidator, type TexasValidatorOptions } from '../../src/texas-validator.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'
import { setVariables, useCleanEnvironment } from '../clean-environment.js'
import { FakeTexas } from '../fake-texas.js'
import { reasonOfAsync } from '../refusal.js'
import { clock, events, mock, READ, readToken, TEXAS, useWorld } from '../validator-world.js'

useWorld()

const HOME = 'https://mp.example'
const METADATA = `${HOME}/.well-known/oauth-authorization-server`
const KEYS = 'https://keys.example/jwk'
const FORMS = [`${HOME}/`, HOME] as const

let asked: string[]
/** Answers a request for metadata. Each test can replace it. */
let metadata: () => Response | Promise<Response>

useCleanEnvironment()
beforeEach(() => {
  asked = []
  metadata = () => Response.json({ issuer: FORMS[0] })
  setVariables({ MASKINPORTEN_WELL_KNOWN_URL: METADATA, MASKINPORTEN_JWKS_URI: KEYS })
})

async function fetch(url: string, init: RequestInit): Promise<Response> {
  asked.push(url)
  if (url === KEYS) return Response.json(mock.jwks())
  return url === TEXAS ? new FakeTexas().fetch(url, init) : metadata()
}

const options: TexasValidatorOptions = {
  fetch,
  clock,
  random: () => 0.5,
  onDecision: (event) => events.push(event),
}
const down = () => Promise.reject(new TypeError('fetch failed'))
const tokenOf = (issuer: string) => readToken({ issuer })

describe.each<[string, () => MaskinportenValidator]>([
  ['without Texas', () => createMaskinportenValidator(options)],
  ['with Texas', () => createTexasValidator({ ...options, introspectionEndpoint: TEXAS })],
])('a validator %s', (kind, create) => {
  it.each(FORMS)(`a validator ${kind} accepts only the issuer in metadata: %s`, async (issuer) => {
    metadata = () => Response.json({ issuer })
    const validator = create()
    const other = FORMS.find((form) => form !== issuer) ?? ''
    for (const seconds of [0, 2 * 86_400]) {
      clock.advance(seconds)
      await expect(validator.verify(await tokenOf(issuer), READ)).resolves.toMatchObject({ issuer })
      expect(await reasonOfAsync(validator.verify(await tokenOf(other), READ))).toBe('wrong_issuer')
    }
    expect(asked.filter((url) => url !== TEXAS)).toEqual([METADATA, KEYS, KEYS])
  })

  it.each<[string, () => Response | Promise<Response>, string]>([
    ['cannot be reached', down, 'unreachable'],
    ['names another issuer', () => Response.json({ issuer: 'https://evil.example/' }), 'wrong_metadata'],
  ])(`a validator ${kind} answers 503 without fetching keys while metadata %s`, async (_, given, failure) => {
    metadata = given
    const decision = await create().decide(`Bearer ${await tokenOf(FORMS[0])}`, READ)
    expect(decision).toMatchObject({ allowed: false, denial: { status: 503, reason: 'keys_unavailable' } })
    expect(decision).toHaveProperty('denial.headers.retry-after')
    expect(events).toMatchObject([{ reason: 'keys_unavailable', upstreamFailure: failure }])
    expect(asked).toEqual([METADATA])
  })

  it(`health() reports a validator ${kind} as not usable until metadata has named the issuer`, async () => {
    metadata = down
    const validator = create()
    await vi.waitUntil(() => validator.health().lastFailure?.reason === 'unreachable')
    expect(validator.health().usable).toBe(false)
    metadata = () => Response.json({ issuer: FORMS[0] })
    clock.advance(60)
    await validator.ready()
    await vi.waitUntil(() => validator.health().usable)
  })

  it(`a validator ${kind} refuses a malformed token and a foreign token without a fetch`, async () => {
    const validator = create()
    expect(await reasonOfAsync(validator.verify('a.b', READ))).toBe('malformed_token')
    const foreign = await tokenOf('https://evil.example/')
    expect(await reasonOfAsync(validator.verify(foreign, READ))).toBe('wrong_issuer')
    const explanation = await validator.explain(await tokenOf(FORMS[0]), READ)
    expect(explanation.verdict).toBe('undecided')
    expect(asked).toEqual([])
  })
})
