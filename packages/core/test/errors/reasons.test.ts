import { expect, it } from 'vitest'
import { hintFor } from '../../src/errors/hint.js'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'

const ROWS = Object.entries(REASONS)
const failure = 'The keys could not be fetched (ECONNREFUSED): check the address'

it.each(ROWS)(
  'the reason %s has a detail in ASCII, and a hint that is written in full sentences',
  (_, row) => {
    const { detail, hint } = row
    expect(detail).toMatch(/^[A-Z][\x20-\x7e]{15,}\.$/)
    // The detail is ASCII, because a header can carry it. It must not reveal the API's options or functions.
    expect(detail.replace('`access_token`', '')).not.toMatch(/["\\`_()]|[a-z][A-Z]/)
    for (const text of [hint.cause, hint.fix]) expect(text).toMatch(/^[A-Z`“][^\n]{15,}\.$/u)
    expect(new Set([hint.cause, hint.fix, detail]).size).toBe(3)
  },
)

it('no two reasons have the same `cause` in their hints', () => {
  expect(new Set(ROWS.map(([, { hint }]) => hint.cause)).size).toBe(ROWS.length)
})

it('reasons with the same detail have the same code', () => {
  const codes = new Map(ROWS.map(([, { detail, code }]) => [detail, code]))
  for (const [, { detail, code }] of ROWS) expect(codes.get(detail)).toBe(code)
})

it('hintFor returns one frozen hint for each reason other than an outage, even after an upstream failure', () => {
  const hint = hintFor(new MaskinportenError('expired'))
  expect(hint).toBe(REASONS.expired.hint)
  expect(Object.isFrozen(hint)).toBe(true)
  expect(hintFor(new MaskinportenError('expired'), failure)).toBe(hint)
})

it.each(['keys_unavailable', 'introspection_unavailable'] as const)(
  'the hint that hintFor returns for %s says what failed, if the failure is known',
  (reason) => {
    const refusal = new MaskinportenError(reason)
    expect(hintFor(refusal)).toBe(REASONS[reason].hint)
    const hint = hintFor(refusal, failure)
    expect(hint.cause).toBe(REASONS[reason].hint.cause)
    expect(hint.fix).toBe(`${failure}. Callers try again after \`Retry-After\`.`)
    expect(Object.isFrozen(hint)).toBe(true)
  },
)

it('hintFor returns a specific hint when only the trailing slash of the issuer differs', () => {
  const hint = hintFor(new MaskinportenError('wrong_issuer', { onlySlashDiffers: true }), failure)
  expect(hint.cause).toMatch(/differ only in the slash at the end\.$/)
  expect(hint.fix).toMatch(/^Write the configured issuer exactly as its tokens do\./)
  expect(Object.isFrozen(hint)).toBe(true)
})
