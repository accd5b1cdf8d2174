import { readFileSync } from 'node:fs'
import { createMockMaskinporten, createTestClock } from '@portvakt/mock'
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import type { DecisionEvent } from '../../src/decision/event.js'
import { createTexasValidator } from '../../src/texas-validator.js'

interface Row {
  readonly name: string
  readonly path: string
  readonly status: number
  /** As JSON, or as text where parsing it would lose something. */
  readonly body: unknown
}

/** What the real Texas answers; `what` and `date` in the file say which one, and when. */
const file = new URL('../../../mock/test/texas-answers.json', import.meta.url)
const ROWS: readonly Row[] = JSON.parse(readFileSync(file, 'utf8')).rows
const INTROSPECTIONS = ROWS.filter(({ path }) => path === '/api/v1/introspect')
const textOf = ({ body }: Row) =>
  // Placeholders of the file that are not JSON.
  typeof body === 'string' ? body.replaceAll('<time>', '1').replaceAll('…', '') : JSON.stringify(body)

const SCOPE = 'nav:x.read'
const clock = createTestClock()
let token: string
let jwks: { readonly keys: readonly unknown[] }
let answer: () => Response
let events: DecisionEvent[]
beforeAll(async () => {
  const mock = await createMockMaskinporten({ clock })
  token = await mock.issueToken({ scope: SCOPE })
  jwks = mock.jwks()
})
beforeEach(() => {
  events = []
})

/** Status and reason of the decision on a token about which Texas answers this. */
async function decide(text: string, status = 200) {
  answer = () => new Response(text, { status })
  const validator = createTexasValidator({
    environment: 'test',
    jwks,
    introspectionEndpoint: 'http://127.0.0.1:3000/api/v1/introspect',
    fetch: async () => answer(),
    clock,
    onDecision: (event) => events.push(event),
  })
  const decision = await validator.decide(`Bearer ${token}`, SCOPE)
  return decision.allowed ? 'allowed' : `${decision.denial.status} ${decision.denial.reason}`
}
const decideOn = (error: string) => decide(JSON.stringify({ active: false, error }))

const REFUSED = '401 inactive_token'
const UNAVAILABLE = '503 introspection_unavailable'

describe('an answer of the real Texas', () => {
  /** Rows about Maskinporten’s keys in which Texas did not get them. The file has no other refusal of this kind. */
  const COULD_NOT_LOOK = new Set([
    ...['302', '404 JSON', '500 JSON', '500 page', '503 page', '200 page', '200 nothing', '200 {}'],
    ...['200 keys not a list', '200 keys without kid', '200 kid a number', '200 modulus broken'],
    ...['200 no modulus', '200 unknown kty', 'reset', 'hang'],
  ])
  const couldNotLook = ({ name }: Row) =>
    name.startsWith('defaults, 503: unseen key') ||
    COULD_NOT_LOOK.has(name.replace(/^introspect, key endpoint: /, ''))
  const refusals = INTROSPECTIONS.filter(
    (row) => row.status === 200 && textOf(row).includes('"active":false'),
  )

  test.each(refusals)(
    'a refusal by the real Texas is 401, or 503 if it could not check: $name',
    async (row) => {
      expect(await decide(textOf(row))).toBe(couldNotLook(row) ? UNAVAILABLE : REFUSED)
      expect(events).toMatchObject([
        couldNotLook(row) ? { upstreamFailure: 'no_upstream' } : { reason: 'inactive_token' },
      ])
    },
  )

  it('the recorded refusals cover every way in which Texas cannot check', () => {
    expect(refusals.length).toBeGreaterThan(90)
    expect(refusals.filter(couldNotLook)).toHaveLength(COULD_NOT_LOOK.size + 1)
  })

  const failures = INTROSPECTIONS.filter(({ status }) => status !== 200)
  test.each(failures)('an answer of the real Texas without a verdict is 503: $name', async (row) => {
    expect(await decide(String(row.body), row.status)).toBe(UNAVAILABLE)
  })
})

describe('the text of a refusal', () => {
  it.each([
    'fetch: x',
    'decode json: x',
    'init client: x',
    'invalid public jwk: x',
    'json web key set has key with blank key id',
  ])('a refusal whose text says that Texas cannot check is 503: %s', async (error) => {
    expect(await decideOn(error)).toBe(UNAVAILABLE)
    expect(events).toMatchObject([{ upstreamFailure: 'no_upstream' }])
  })

  it.each([
    "identity provider 'maskinporten' is not enabled",
    "identity provider 'maskinporten' does not support introspection",
  ])('a refusal whose text says that Texas is not set up for Maskinporten is 503: %s', async (error) => {
    expect(await decideOn(error)).toBe(UNAVAILABLE)
    expect(events).toMatchObject([{ upstreamFailure: 'not_enabled' }])
  })

  // Behind its own prefix Texas quotes what the token says.
  const words = ['fetch: x', 'decode json: x', 'init client: x', 'invalid public jwk: x']
  const wholes = [
    'json web key set has key with blank key id',
    "identity provider 'maskinporten' is not enabled",
    "identity provider 'maskinporten' does not support introspection",
  ]
  it.each([
    ...[...words, ...wholes].flatMap((word) => [
      `invalid token: ${word}`,
      `invalid token header: JSON error: unknown variant \`${word}\`, expected one of`,
      ` ${word}`,
      word.toUpperCase(),
    ]),
    ...wholes.flatMap((whole) => [`${whole} `, `${whole}: x`, `x: ${whole}`]),
    ...words.flatMap((word) => [
      word.replace(': x', ''),
      word.replace(': x', ':x'),
      word.replace(': x', ':'),
    ]),
    "identity provider 'tokenx' is not enabled",
  ])('a refusal with any other text is 401: %j', async (error) => {
    expect(await decideOn(error)).toBe(REFUSED)
  })
})

describe('a claim named like a member of the answer', () => {
  const claims = () => JSON.stringify({ scope: SCOPE }).slice(1, -1)

  it.each([
    '"active":false',
    '"active":false,"error":"fetch: mine"',
    `"error":"identity provider 'maskinporten' is not enabled","active":false`,
    '"active":null',
    '"active":"true"',
    '"active":{}',
    '"active":0,"error":"decode json: mine"',
  ])('a claim named like a member never turns an active token into 503: %s', async (claim) => {
    expect(await decide(`{"active":true,${claims()},${claim}}`)).toBe(REFUSED)
  })

  it.each([
    '"error":"invalid token: ExpiredSignature","error":"fetch: mine"',
    `"error":"invalid token: ExpiredSignature","error":"identity provider 'maskinporten' is not enabled"`,
    '"sub":"x","error":"fetch: mine"',
    '"error":null,"error":"fetch: mine"',
    '"error":"invalid \\"token","active":false,"error":"decode json: mine"',
  ])('a claim named like a member never turns a refusal into 503: %s', async (members) => {
    expect(await decide(`{"active":false,${members}}`)).toBe(REFUSED)
  })

  it('a claim named like a member never hides a failure of Texas', async () => {
    expect(await decide('{"active":false,"error":"fetch: \\"x\\"","error":"invalid token: mine"}')).toBe(
      UNAVAILABLE,
    )
    expect(await decide(' {\n"active" : false ,\n"error" : "fetch: x" }')).toBe(UNAVAILABLE)
    expect(await decide('{"error":"fetch: x","active":false}')).toBe(UNAVAILABLE)
  })

  it('a claim named like a member never turns a refusal into an active token', async () => {
    const given = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const text = JSON.stringify({ ...given, active: true }).slice(1)
    expect(await decide(`{"active":false,${text}`)).toBe(REFUSED)
    expect(await decide(`{"active":false,"error":"fetch: x",${text}`)).toBe(REFUSED)
    expect(await decide(` {\n"active" : false ,${text}`)).toBe(REFUSED)
    expect(await decide(`{"active":true,${text}`)).toBe('allowed')
  })

  it('`error` is an ordinary claim of an active token', async () => {
    const given = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(await decide(JSON.stringify({ active: true, ...given, error: 'fetch: mine' }))).toBe('allowed')
  })
})
