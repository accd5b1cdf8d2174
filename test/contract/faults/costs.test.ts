import { createMaskinportenValidator, createTexasValidator, type MaskinportenReason } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, NOW } from '../security/forge.js'
import { publishing } from './world.js'

const TEXAS = 'http://127.0.0.1:3000/api/v1/introspect'
const forge = new Forge()
const exp = NOW + 3600
const JUNK = 'A'.repeat(342)
const COUNT = 20

/** The total costs of `COUNT` tokens. */
interface Costs {
  readonly verifications: number
  readonly requests: number
}
const NOTHING: Costs = { verifications: 0, requests: 0 }

const SENT: readonly (readonly [title: string, MaskinportenReason, Costs, (nth: number) => string])[] = [
  ['a malformed token', 'malformed_token', NOTHING, () => forge.token({ exp }).slice(0, -1)],
  ['a token with two parts', 'malformed_token', NOTHING, () => forge.parts().slice(0, 2).join('.')],
  [
    'a token with an unaccepted algorithm',
    'unsupported_algorithm',
    NOTHING,
    () => forge.token({ exp }, { alg: 'HS256' }),
  ],
  [
    'an expired token with an unknown kid',
    'expired',
    NOTHING,
    (nth) => forge.token({ exp: 1 }, { kid: `unknown-${nth}` }),
  ],
  [
    'a token of another issuer with an unknown kid',
    'wrong_issuer',
    NOTHING,
    (nth) => forge.token({ exp, iss: 'https://x.no/' }, { kid: `unknown-${nth}` }),
  ],
  [
    'a token with a published kid and an invalid signature',
    'bad_signature',
    { verifications: COUNT, requests: 0 },
    () => forge.unsigned(forge.header, JUNK, { ...forge.claims, exp }),
  ],
  [
    'an expired token with a published kid and an invalid signature',
    'bad_signature',
    { verifications: COUNT, requests: 0 },
    () => forge.unsigned(forge.header, JUNK, { ...forge.claims, exp: 1 }),
  ],
  [
    'a token with an unknown kid',
    'unknown_key',
    { verifications: 0, requests: 1 },
    (nth) => forge.token({ exp }, { kid: `invented-${nth}` }),
  ],
]

let verifications: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  verifications = vi.spyOn(crypto.subtle, 'verify')
})
afterEach(() => verifications.mockRestore())

describe.each(['keys', 'keys and Texas'])('the cost of invalid tokens with %s', (mode) => {
  it.each(SENT)(`%s costs only the expected work with ${mode}`, async (_title, reason, costs, tokenOf) => {
    const keys = publishing([forge.known.jwk])
    const urls: string[] = []
    const options = {
      issuer: ISSUER,
      clock: createTestClock(NOW * 1000),
      fetch: async (url: string, init: RequestInit) => {
        urls.push(url)
        return url === TEXAS ? Response.json({ active: false }) : keys(url, init)
      },
    }
    const validator =
      mode === 'keys'
        ? createMaskinportenValidator(options)
        : createTexasValidator({ ...options, introspectionEndpoint: TEXAS })
    await validator.ready()
    urls.length = 0
    for (let nth = 0; nth < COUNT; nth++) {
      const decision = await validator.decide(`Bearer ${tokenOf(nth)}`, READ)
      expect(decision).toMatchObject({ allowed: false, denial: { reason } })
    }
    expect({ verifications: verifications.mock.calls.length, requests: urls.length }).toEqual(costs)
    expect(urls).not.toContain(TEXAS)
  })
})
