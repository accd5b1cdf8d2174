import { createMaskinportenValidator, createTexasValidator, type MaskinportenReason } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { spyOnVerifications } from '../../keys/verifications.js'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, type Members, NOW } from '../security/forge.js'
import { publishing } from './world.js'

const TEXAS = 'http://127.0.0.1:3000/api/v1/introspect'
const forge = new Forge()
const exp = NOW + 3600
const COUNT = 20
const HS256 = { alg: 'HS256' }
const unknown = (nth: number) => ({ kid: `unknown-${nth}` })
const junk = (claims: Members) =>
  forge.unsigned(forge.header, 'A'.repeat(342), { ...forge.claims, ...claims })

/**
 * Kinds of tokens, each with the number of signature checks and of outbound requests that `COUNT` such tokens
 * cause in total.
 */
const SENT: readonly (readonly [
  title: string,
  reason: MaskinportenReason,
  verifications: number,
  requests: number,
  token: (nth: number) => string,
])[] = [
  ['a malformed token', 'malformed_token', 0, 0, () => forge.token({ exp }).slice(0, -1)],
  ['a token with two parts', 'malformed_token', 0, 0, () => forge.parts().slice(0, 2).join('.')],
  ['a token with an unaccepted algorithm', 'unsupported_algorithm', 0, 0, () => forge.token({ exp }, HS256)],
  ['an expired token with an unknown kid', 'expired', 0, 0, (nth) => forge.token({ exp: 1 }, unknown(nth))],
  [
    'a token of another issuer with an unknown kid',
    'wrong_issuer',
    0,
    0,
    (nth) => forge.token({ exp, iss: 'https://x.no/' }, unknown(nth)),
  ],
  ['a token with a published kid and an invalid signature', 'bad_signature', COUNT, 0, () => junk({ exp })],
  [
    'an expired token with a published kid and an invalid signature',
    'bad_signature',
    COUNT,
    0,
    () => junk({ exp: 1 }),
  ],
  ['a token with an unknown kid', 'unknown_key', 0, 1, (nth) => forge.token({ exp }, unknown(nth))],
]

const verifications = spyOnVerifications()
beforeEach(() => void verifications.mockClear())

describe.each(['keys', 'keys and Texas'])('the cost of invalid tokens, verified by %s', (mode) => {
  it.each(SENT)(
    `with verification by ${mode}, %s costs only the expected signature checks and key fetches, and no Texas call`,
    async (_title, reason, verified, requests, tokenOf) => {
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
      const texas = { ...options, introspectionEndpoint: TEXAS }
      const validator = mode === 'keys' ? createMaskinportenValidator(options) : createTexasValidator(texas)
      await validator.ready()
      urls.length = 0
      for (let nth = 0; nth < COUNT; nth++) {
        const decision = await validator.decide(`Bearer ${tokenOf(nth)}`, READ)
        expect(decision).toMatchObject({ allowed: false, denial: { reason } })
      }
      expect({ verified: verifications.mock.calls.length, requests: urls.length }).toEqual({
        verified,
        requests,
      })
      expect(urls).not.toContain(TEXAS)
    },
  )
})
