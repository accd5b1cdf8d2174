import { createMaskinportenValidator, createTexasValidator, type MaskinportenReason } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { spyOnVerifications } from '../../keys/verifications.js'
import { READ } from '../conformance/api.js'
import { ISSUER, type Members, NOW } from '../security/forge.js'
import { BEFORE, forge } from './world.js'

const TEXAS = 'http://127.0.0.1:3000/api/v1/introspect'
const exp = NOW + 3600
const COUNT = 20
const HS256 = { alg: 'HS256' }
const unknown = (nth: number) => ({ kid: `unknown-${nth}` })
const junk = (claims: Members) =>
  forge.unsigned(forge.header, 'A'.repeat(342), { ...forge.claims, ...claims })

const SENT: readonly (readonly [string, MaskinportenReason, (nth: number) => string])[] = [
  ['a malformed token', 'malformed_token', () => forge.token({ exp }).slice(0, -1)],
  ['a token with two parts', 'malformed_token', () => forge.parts().slice(0, 2).join('.')],
  ['a token whose kid has a space', 'malformed_token', (nth) => forge.token({ exp }, { kid: `c ${nth}` })],
  ['a token with an unaccepted algorithm', 'unsupported_algorithm', () => forge.token({ exp }, HS256)],
  [
    'a token with an unaccepted algorithm and an unknown kid',
    'unsupported_algorithm',
    (nth) => forge.token({ exp }, { ...HS256, ...unknown(nth) }),
  ],
  ['an expired token with an unknown kid', 'expired', (nth) => forge.token({ exp: 1 }, unknown(nth))],
  [
    'a token of another issuer with an unknown kid',
    'wrong_issuer',
    (nth) => forge.token({ exp, iss: 'https://x.no/' }, unknown(nth)),
  ],
  ['a token with a published kid and an invalid signature', 'bad_signature', () => junk({ exp })],
  ['an expired token with a published kid and an invalid signature', 'bad_signature', () => junk({ exp: 1 })],
  ['a token with an unknown kid', 'unknown_key', (nth) => forge.token({ exp }, unknown(nth))],
]

/** The numbers of signature checks and of outbound requests that `COUNT` refusals cause in total. */
const COSTS: Partial<Record<MaskinportenReason, readonly [verifications: number, requests: number]>> = {
  bad_signature: [COUNT, 0],
  unknown_key: [0, 1],
}

const verifications = spyOnVerifications()
beforeEach(() => void verifications.mockClear())

describe.each(['keys', 'keys and Texas'])('the cost of invalid tokens, verified by %s', (mode) => {
  it.each(SENT)(
    `with verification by ${mode}, %s costs only the expected signature checks and key fetches, and no Texas call`,
    async (_title, reason, tokenOf) => {
      const urls: string[] = []
      const options = {
        issuer: ISSUER,
        clock: createTestClock(NOW * 1000),
        fetch: async (url: string, init: RequestInit) => {
          urls.push(url)
          return url === TEXAS ? Response.json({ active: false }) : BEFORE(url, init)
        },
      }
      const texas = { ...options, introspectionEndpoint: TEXAS }
      const validator = mode === 'keys' ? createMaskinportenValidator(options) : createTexasValidator(texas)
      await validator.ready()
      urls.length = 0
      for (let nth = 0; nth < COUNT; nth++) {
        const decision = await validator.decide(`Bearer ${tokenOf(nth)}`, READ)
        expect(decision).toMatchObject({ allowed: false, denial: { reason } })
      }
      expect([verifications.mock.calls.length, urls.length]).toEqual(COSTS[reason] ?? [0, 0])
      expect(urls).not.toContain(TEXAS)
    },
  )
})
