import { createPublicKey, verify } from 'node:crypto'
import type { MaskinportenReason } from '@portvakt/core'
import { describe, expect, it, test } from 'vitest'
import { withPollutedPrototype } from '../../../packages/core/test/polluted-prototype.js'
import { READ } from '../conformance/api.js'
import { fastest } from './cost.js'
import { outboundDuring } from './egress.js'
import { Forge } from './forge.js'
import { prepare } from './stage.js'
import { reasonFor as reasonOf } from './verdicts.js'

const PROTOTYPE = Reflect.ownKeys(Object.prototype)
const forge = new Forge()
const usual = await prepare(forge)
const large = await prepare(forge, { options: { maxTokenLength: 65_536 } })
const GOOD = `Bearer ${forge.token()}`

const reasonFor = (authorization: unknown, prepared = usual) => reasonOf(authorization, prepared)

describe('the Authorization value of `decide`', () => {
  test.each<[string, unknown, MaskinportenReason]>([
    ['H07 a symbol', Symbol('Bearer x'), 'ambiguous_credentials'],
    ['H07 a boxed string', Object(GOOD), 'ambiguous_credentials'],
    ['H07 a list of a list', [[GOOD]], 'ambiguous_credentials'],
    ['H07 a list with a hole', new Array(1), 'ambiguous_credentials'],
    ['H05 a newline in the token', `${GOOD}\n`, 'malformed_token'],
    ['H05 a newline in place of the space', GOOD.replace(' ', '\n'), 'malformed_token'],
    ['H05 a zero-width space before the scheme', `\u200b${GOOD}`, 'other_scheme'],
    ['H05 a scheme with a letter outside ASCII', GOOD.replace('e', 'ē'), 'other_scheme'],
    ['D01 a token one character over 16 KiB', `Bearer ${'A'.repeat(16_385)}`, 'token_too_large'],
    ['D01 a token of 10 MB in the right form', `Bearer AAAA.${'A'.repeat(1e7)}.AAAA`, 'token_too_large'],
    ['D01 ten million spaces', `Bearer ${' '.repeat(10_000_000)}`, 'empty_token'],
    ['D01 ten million spaces before a word', `Bearer ${' '.repeat(10_000_000)}x`, 'malformed_token'],
    ['D01 ten million commas', `Basic ${','.repeat(10_000_000)}`, 'other_scheme'],
  ])('%s is refused as the Authorization value', async (_title, authorization, reason) => {
    // Only a faulty adapter can pass some of these values to a validator.
    expect(await reasonFor(authorization)).toBe(reason)
  })

  it('H07 `verify` refuses a non-string token', async () => {
    for (const token of [undefined, null, 1, {}, [forge.token()], Object(forge.token()), Symbol('x')]) {
      const verified = usual.validator.verify(token as string, READ)
      await expect(verified).rejects.toMatchObject({ reason: 'malformed_token' })
    }
  })
})

describe('a token of up to 64 KiB', () => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  test.each<[string, string]>([
    ['D02 24,000 arrays', deep(24_000)],
    ['D02 9,000 objects', `${'{"":'.repeat(9000)}1${'}'.repeat(9000)}`],
    ['D02 a hundred arrays', deep(100)],
  ])('%s nested in signed claims are refused', async (_title, json) => {
    expect(await reasonFor(`Bearer ${forge.literal('deep', json)}`, large)).toBe('malformed_token')
  })

  it('D02 claims with 3,000 members, or with a list of 15,000 entries, are allowed', async () => {
    const members = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`m${index}`, 1]))
    for (const claims of [members, { list: new Array(15_000).fill(0) }])
      expect(await reasonFor(`Bearer ${forge.token(claims)}`, large)).toBe('allowed')
  })
})

describe('a flood', () => {
  it('H12 2,000 refusals of ten kinds cause no fetch and no other outbound traffic', async () => {
    const { validator, fetches } = await prepare(forge)
    const kinds = [
      undefined,
      'Basic dTpw',
      `${GOOD}, ${GOOD}`,
      'Bearer abc',
      `Bearer ${forge.unsigned(forge.header)}`,
      `Bearer ${forge.forged()}`,
      `Bearer ${forge.token({ exp: 1 })}`,
      `Bearer ${forge.token({ iss: 'https://evil.example/' }, { kid: 'invented' })}`,
      `Bearer ${forge.token({ exp: 1 }, { kid: 'invented' })}`,
      `Bearer ${forge.token({ scope: 'nav:other' })}`,
    ]
    const before = fetches()
    const outbound = await outboundDuring(async () => {
      const sent = Array.from({ length: 2000 }, (_, index) => kinds[index % kinds.length])
      const decisions = await Promise.all(sent.map((value) => validator.decide(value, READ)))
      expect(decisions.filter(({ allowed }) => allowed)).toEqual([])
    })
    expect({ outbound, fetches: fetches() - before }).toEqual({ outbound: [], fetches: 0 })
  })

  it('D05 deciding 2,000 forged tokens at once costs less than four times their signature verifications alone', async () => {
    const forged = forge.forged()
    const end = forged.lastIndexOf('.')
    const key = createPublicKey({ key: forge.known.jwk, format: 'jwk' })
    const [data, signature] = [
      Buffer.from(forged.slice(0, end)),
      Buffer.from(forged.slice(end + 1), 'base64url'),
    ]
    const flood = () => Promise.all(Array.from({ length: 2000 }, () => reasonFor(`Bearer ${forged}`)))
    const verifications = () => {
      for (let count = 0; count < 2000; count++) verify('SHA256', data, key, signature)
    }
    expect(new Set(await flood())).toEqual(new Set(['bad_signature']))
    const works = [{ run: flood }, { run: verifications }]
    const [cost = 0, verified = 0] = await fastest(works, ([cost = 0, verified = 0]) => cost < 4 * verified)
    expect(cost).toBeLessThan(4 * verified)
  })

  it('K09 forged tokens with the claims of an allowed token are refused when both arrive concurrently', async () => {
    const bad = `Bearer ${forge.forged()}`
    const given = Array.from({ length: 400 }, (_, index) => (index % 2 ? GOOD : bad))
    const reasons = await Promise.all(given.map((value) => reasonFor(value)))
    expect(reasons).toEqual(reasons.map((_, index) => (index % 2 ? 'allowed' : 'bad_signature')))
  })
})

describe('Object.prototype', () => {
  it('D03 the attacks in this file leave Object.prototype unchanged', () => {
    expect(Reflect.ownKeys(Object.prototype)).toEqual(PROTOTYPE)
  })

  it('D03 members of a polluted Object.prototype are not read as claims or header parameters', async () => {
    const claims = ['scope', 'consumer', 'exp', 'iat', 'iss']
    const tokens = [
      ...claims.map((claim) => forge.token({ [claim]: undefined })),
      ...['kid', 'alg'].map((name) => forge.token({}, { [name]: undefined })),
    ]
    const reasons = await withPollutedPrototype({ aud: 'x', ...forge.claims, ...forge.header }, () =>
      Promise.all(tokens.map((token) => reasonFor(`Bearer ${token}`))),
    )
    const missing = claims.map(() => 'missing_claim')
    expect(reasons).toEqual([...missing, 'missing_key_id', 'unsupported_algorithm'])
  })
})
