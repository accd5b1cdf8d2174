import { beforeEach, expect, it } from 'vitest'
import { createMaskinportenValidator } from '../../src/validator.js'
import { setVariables, useCleanEnvironment } from '../clean-environment.js'
import { reasonOfAsync } from '../refusal.js'
import { clock, events, mock, READ, readToken, useWorld } from '../validator-world.js'

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

async function fetch(url: string): Promise<Response> {
  asked.push(url)
  return url === KEYS ? Response.json(mock.jwks()) : metadata()
}

const create = () =>
  createMaskinportenValidator({ fetch, clock, random: () => 0.5, onDecision: (event) => events.push(event) })
const down = () => Promise.reject(new TypeError('fetch failed'))
const tokenOf = (issuer: string) => readToken({ issuer })

it.each(FORMS)('a validator accepts only the issuer in metadata, read once: %s', async (issuer) => {
  metadata = () => Response.json({ issuer })
  const validator = create()
  const other = FORMS.find((form) => form !== issuer) ?? ''
  for (const seconds of [0, 2 * 86_400]) {
    clock.advance(seconds)
    await expect(validator.verify(await tokenOf(issuer), READ)).resolves.toMatchObject({ issuer })
    expect(await reasonOfAsync(validator.verify(await tokenOf(other), READ))).toBe('wrong_issuer')
  }
  expect(asked).toEqual([METADATA, KEYS, KEYS])
})

it.each<[string, () => Response | Promise<Response>, string]>([
  ['cannot be reached', down, 'unreachable'],
  ['names another issuer', () => Response.json({ issuer: 'https://evil.example/' }), 'wrong_metadata'],
])('a validator answers 503 without fetching keys while metadata %s', async (_title, given, failure) => {
  metadata = given
  const validator = create()
  const decision = await validator.decide(`Bearer ${await tokenOf(FORMS[0])}`, READ)
  expect(decision).toMatchObject({ allowed: false, denial: { status: 503, reason: 'keys_unavailable' } })
  expect(decision).toHaveProperty('denial.headers.retry-after')
  expect(events).toMatchObject([{ reason: 'keys_unavailable', upstreamFailure: failure }])
  expect(validator.health().usable).toBe(false)
  expect(asked).toEqual([METADATA])
  metadata = () => Response.json({ issuer: FORMS[0] })
  clock.advance(60)
  await validator.ready()
  expect(validator.health().usable).toBe(true)
})

it('a validator refuses a malformed token and a foreign token before it knows its issuer', async () => {
  const validator = create()
  expect(await reasonOfAsync(validator.verify('a.b', READ))).toBe('malformed_token')
  const foreign = await tokenOf('https://evil.example/')
  expect(await reasonOfAsync(validator.verify(foreign, READ))).toBe('wrong_issuer')
  const explanation = await validator.explain(await tokenOf(FORMS[0]), READ)
  expect(explanation.verdict).toBe('undecided')
  expect(asked).toEqual([])
})
