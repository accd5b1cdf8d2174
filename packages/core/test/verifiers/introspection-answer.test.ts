import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { statusOfGet } from '../../src/verifiers/introspect.js'
import { events, READ, readToken, TEXAS, texasValidator, useWorld } from '../validator-world.js'

useWorld()

interface Row {
  readonly name: string
  readonly path: string
  readonly status: number
  /** The answer as parsed JSON, or as text if parsing would lose information. */
  readonly body: unknown
}

/** Recorded responses from Texas. */
const file = new URL('../../../mock/test/texas-answers.json', import.meta.url)
const ROWS: readonly Row[] = JSON.parse(readFileSync(file, 'utf8')).rows
const INTROSPECTIONS = ROWS.filter(({ path }) => path === '/api/v1/introspect')
const textOf = ({ body }: Row) =>
  // The file has placeholders that are not JSON.
  typeof body === 'string' ? body.replaceAll('<time>', '1').replaceAll('…', '') : JSON.stringify(body)

let token: string
beforeAll(async () => {
  token = await readToken()
})

/** Returns the status and reason of the decision when Texas sends this response. */
async function decide(text: string, status = 200) {
  const validator = texasValidator({ fetch: async () => new Response(text, { status }) })
  const decision = await validator.decide(`Bearer ${token}`, READ)
  return decision.allowed ? 'allowed' : `${decision.denial.status} ${decision.denial.reason}`
}
const decideOn = (error: string) => decide(JSON.stringify({ active: false, error }))

const REFUSED = '401 inactive_token'
const UNAVAILABLE = '503 introspection_unavailable'

describe('a recorded response from Texas', () => {
  /** Names of the recorded responses in which Texas could not get Maskinporten’s keys. */
  const NO_KEYS = new Set([
    ...['302', '404 JSON', '500 JSON', '500 page', '503 page', '200 page', '200 nothing', '200 {}'],
    ...['200 keys not a list', '200 keys without kid', '200 kid a number', '200 modulus broken'],
    ...['200 no modulus', '200 unknown kty', 'reset', 'hang'],
  ])
  const couldNotCheck = ({ name }: Row) =>
    name.startsWith('defaults, 503: unseen key') ||
    NO_KEYS.has(name.replace(/^introspect, key endpoint: /, ''))
  const refusals = INTROSPECTIONS.filter(
    (row) => row.status === 200 && textOf(row).includes('"active":false'),
  )

  it.each(refusals)('a recorded refusal gets 401, or 503 if Texas could not check: $name', async (row) => {
    const failed = couldNotCheck(row)
    expect(await decide(textOf(row))).toBe(failed ? UNAVAILABLE : REFUSED)
    expect(events).toMatchObject([failed ? { upstreamFailure: 'no_upstream' } : { reason: 'inactive_token' }])
  })

  it('the recorded refusals cover every way in which Texas fails to check a token', () => {
    expect(refusals.length).toBeGreaterThan(90)
    expect(refusals.filter(couldNotCheck)).toHaveLength(NO_KEYS.size + 1)
  })

  const failures = INTROSPECTIONS.filter(({ status }) => status !== 200)
  it.each(failures)('a recorded response from Texas without a verdict gets 503: $name', async (row) => {
    expect(await decide(String(row.body), row.status)).toBe(UNAVAILABLE)
  })
})

const NOT_SET_UP = ['is not enabled', 'does not support introspection'].map(
  (end) => `identity provider 'maskinporten' ${end}`,
)
const NO_UPSTREAM = [
  ...['fetch: x', 'decode json: x', 'init client: x', 'invalid public jwk: x'],
  'json web key set has key with blank key id',
]

it.each([
  ...NO_UPSTREAM.map((error) => ['no_upstream', error]),
  ...NOT_SET_UP.map((error) => ['not_enabled', error]),
])('the decision is 503 and `%s` for an error of Texas itself: %s', async (failure, error = '') => {
  expect(await decideOn(error)).toBe(UNAVAILABLE)
  expect(events).toMatchObject([{ upstreamFailure: failure }])
})

// After its own prefix, Texas quotes text from the token.
it.each([
  ...[...NO_UPSTREAM, ...NOT_SET_UP].flatMap((text) => [`invalid token: ${text}`, text.toUpperCase()]),
  ...[...NO_UPSTREAM.slice(-1), ...NOT_SET_UP].flatMap((whole) => [`${whole} `, `x: ${whole}`]),
  ...NO_UPSTREAM.slice(0, -1).map((text) => text.replace(': x', ':')),
  "identity provider 'tokenx' is not enabled",
])('an error text that only resembles one of Texas’s own failures causes a 401: %j', async (error) => {
  expect(await decideOn(error)).toBe(REFUSED)
})

const CLAIMS = `"scope":"${READ}","sub":"x"`

const NOT_ENABLED = `"error":"${NOT_SET_UP[0]}"`
const MINE = '"error":"fetch: mine"'

// Texas’s own members come first in its answer, before the claims of the token.
it.each([
  [REFUSED, `{"active":true,${CLAIMS},"active":false}`],
  [REFUSED, `{"active":true,${CLAIMS},"active":false,${MINE}}`],
  [REFUSED, `{"active":true,${CLAIMS},${NOT_ENABLED},"active":false}`],
  [REFUSED, `{"active":true,${CLAIMS},"active":null}`],
  [REFUSED, `{"active":true,${CLAIMS},"active":"true"}`],
  [REFUSED, `{"active":false,"error":"invalid token: x",${MINE}}`],
  [REFUSED, `{"active":false,"error":"invalid token: x",${NOT_ENABLED}}`],
  [REFUSED, `{"active":false,"sub":"x",${MINE}}`],
  [REFUSED, `{"active":false,"error":null,${MINE}}`],
  [REFUSED, `{"active":false,"error":"invalid \\"token","active":false,${MINE}}`],
  [UNAVAILABLE, '{"active":false,"error":"fetch: \\"x\\"","error":"invalid token: mine"}'],
  [UNAVAILABLE, ' {\n"active" : false ,\n"error" : "fetch: x" }'],
  [UNAVAILABLE, '{"error":"fetch: x","active":false}'],
  [REFUSED, `{"active":false,"error":"fetch: x",${CLAIMS},"active":true}`],
  [REFUSED, ` {\n"active" : false ,${CLAIMS},"active":true}`],
  ['allowed', `{"active":true,${CLAIMS},"active":true}`],
  ['allowed', `{"active":true,${CLAIMS},${MINE}}`],
  ['allowed', `{"nested":{"active":false},${CLAIMS},"active":true}`],
])('the decision is %s for the answer of Texas %s', async (decision, text) => {
  expect(await decide(text)).toBe(decision)
})

it('statusOfGet does not follow redirects, and passes its signal to `fetch`', async () => {
  const { signal } = new AbortController()
  const calls: unknown[] = []
  const fetch = async (...call: unknown[]) => {
    calls.push(call)
    return new Response(null, { status: 307 })
  }
  expect(await statusOfGet({ endpoint: TEXAS, fetch }, signal, true)).toBe(307)
  expect(calls).toEqual([[TEXAS, { redirect: 'manual', signal }]])
})
