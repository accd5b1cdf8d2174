import { describe, expect, it, test } from 'vitest'
import { hintFor } from '../../src/errors/hint.js'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'

const ROWS = Object.entries(REASONS)

describe('every reason', () => {
  test.each(ROWS)(
    '%s has a text for the caller, in ASCII and without names from the configuration',
    (_, row) => {
      expect(row.detail).toMatch(/^[A-Z][\x20-\x7e]{15,}\.$/)
      // A header can carry it as it is, and the caller learns no option, claim or function of the API.
      expect(row.detail.replace('`access_token`', '')).not.toMatch(/["\\`_()]|[a-z][A-Z]/)
    },
  )

  test.each(ROWS)('%s has a hint: sentences that say what happened and what to do', (_, { hint, detail }) => {
    for (const text of [hint.cause, hint.fix]) expect(text).toMatch(/^[A-Z`“][^\n]{15,}\.$/u)
    expect(new Set([hint.cause, hint.fix, detail]).size).toBe(3)
  })

  it('has a unique cause', () => {
    expect(new Set(ROWS.map(([, { hint }]) => hint.cause)).size).toBe(ROWS.length)
  })

  it('shares its text for the caller only with reasons of the same code', () => {
    const codes = new Map(ROWS.map(([, { detail, code }]) => [detail, code]))
    for (const [, { detail, code }] of ROWS) expect(codes.get(detail)).toBe(code)
  })
})

describe('the hint for a refusal', () => {
  const failure = 'The keys could not be fetched (ECONNREFUSED): check the address'

  it('is one frozen object for each reason', () => {
    const hint = hintFor(new MaskinportenError('expired'))
    expect(hint).toBe(REASONS.expired.hint)
    expect(Object.isFrozen(hint)).toBe(true)
  })

  test.each(['keys_unavailable', 'introspection_unavailable'] as const)(
    '%s says what failed, if that is known',
    (reason) => {
      const refusal = new MaskinportenError(reason)
      expect(hintFor(refusal)).toBe(REASONS[reason].hint)
      const hint = hintFor(refusal, failure)
      expect(hint.cause).toBe(REASONS[reason].hint.cause)
      expect(hint.fix).toBe(`${failure}. Callers try again after \`Retry-After\`.`)
      expect(Object.isFrozen(hint)).toBe(true)
    },
  )

  it('stays the same for a refusal that the failure did not cause', () => {
    expect(hintFor(new MaskinportenError('expired'), failure)).toBe(REASONS.expired.hint)
  })

  it('says that only the trailing slash of the issuer differs', () => {
    const hint = hintFor(new MaskinportenError('wrong_issuer', { onlySlashDiffers: true }), failure)
    expect(hint.cause).toMatch(/differ only in the slash at the end\.$/)
    expect(hint.fix).toMatch(/^Write the configured issuer exactly as its tokens do\./)
    expect(Object.isFrozen(hint)).toBe(true)
  })
})
