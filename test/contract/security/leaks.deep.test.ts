import { inspect } from 'node:util'
import { createMaskinportenValidator, MaskinportenError } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeAll, expect, it, test, vi } from 'vitest'
import { READ } from '../conformance/api.js'
import { ATTACKS } from './attacks/index.js'
import { CONSENT, Forge, ISSUER, NOW, PID } from './forge.js'
import { HOSTILE_FETCHES, HOSTILE_RESPONSES } from './hostile-fetch.js'
import { everythingShownOf, LeakScanner } from './leaks.js'
import { prepare } from './stage.js'
import { errorOf } from './verdicts.js'

const forge = new Forge()
const usual = await prepare(forge)
const scanner = new LeakScanner()
scanner.guardWhole(PID)
for (const secret of forge.secrets()) scanner.guard(secret)
/** The pieces of secrets in everything that a value shows. */
const leaksIn = (value: unknown) => scanner.findIn(everythingShownOf(value))

const jwks = { keys: [forge.known.jwk] }
const printed = vi.fn()
const errors: unknown[] = []

beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation(printed)
  for (const token of attackTokens()) {
    // The scanner ignores tokens in JSON form: they contain the `kid` as plain text, which output may show.
    if (!token.startsWith('{')) scanner.guard(token)
    const outcome: unknown = await usual.validator.verify(token, READ).catch((thrown: unknown) => thrown)
    if (outcome instanceof Error) errors.push(outcome)
  }
})
afterEach(() => expect(printed).not.toHaveBeenCalled())

/** The attack tokens for the usual validator. */
const attackTokens = () => ATTACKS.flatMap(({ token, against }) => (token && !against ? [token(forge)] : []))

it('LeakScanner finds a piece of a token in an error, its cause and its members', () => {
  const [, payload] = forge.parts()
  expect(leaksIn(new Error(`bad token: ${payload.slice(20, 32)}`))).toHaveLength(1)
  expect(leaksIn(new Error('bad', { cause: new Error(payload) }))).not.toEqual([])
  expect(leaksIn({ deep: [{ pid: PID }] })).toEqual([PID])
  const hidden = Object.defineProperty(new Error('bad'), 'sent', { value: new TextEncoder().encode(payload) })
  expect(leaksIn(new AggregateError([hidden]))).not.toEqual([])
  expect(leaksIn(new Error('expired'))).toEqual([])
})

it('H10 an error that `verify` throws shows no part of a token, claim or key, and has no cause', () => {
  const claims = /canary-client-b3f1c2|canary-jti-77f0a91e|0192:889640782/
  expect(errors.length).toBeGreaterThan(250)
  for (const error of errors) {
    expect(leaksIn(error)).toEqual([])
    expect(everythingShownOf(error)).not.toMatch(claims)
    expect(error).toBeInstanceOf(MaskinportenError)
    const message = expect.stringMatching(/^Refused by the Maskinporten guard: [a-z_]+$/)
    expect(error).toMatchObject({ message })
    expect((error as Error).cause).toBeUndefined()
  }
})

it('H10 an event shows no part of a token, no national identity number, and no control character of an unverified token', () => {
  expect(usual.events.length).toBeGreaterThan(250)
  for (const event of usual.events) {
    expect(leaksIn(event)).toEqual([])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
    if (!event.consumer) expect(JSON.stringify(event)).not.toMatch(/[\x00-\x1f\x7f]|\\[urn]/)
  }
})

it('H10 NODE_DEBUG prints one line per refusal, without the token, the query or a national identity number', async () => {
  vi.stubEnv('NODE_DEBUG', 'portvakt')
  const { validator } = await prepare(forge)
  vi.unstubAllEnvs()
  const good = forge.token()
  for (const token of [good, ...attackTokens()]) {
    const url = `/person/${PID}/${good}?access_token=${token}&fnr=${PID}`
    const requirement = { scope: READ, consumers: ['314330897'] }
    await validator.decide(`Bearer ${token}`, requirement, { request: { method: 'GET', url } })
  }
  const lines: unknown[] = printed.mock.calls.flat()
  printed.mockClear()
  expect(lines.length).toBeGreaterThan(250)
  for (const line of lines) {
    expect(line).toMatch(/^portvakt: refused GET \/person\/\*\*\*\/\*\*\*: [a-z_]+ \(/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
    expect(line).not.toMatch(/[\x00-\x1f\x7f\u2028\u2029]/)
    expect(scanner.findIn(String(line))).toEqual([])
  }
})

it('K10 a logged verified token shows no national identity number and no part of the raw token', async () => {
  const token = await usual.validator.verify(forge.token({ authorization_details: [CONSENT] }), READ)
  const logged = [JSON.stringify(token), inspect(token), inspect(token, { depth: null }), `${token}`]
  for (const text of logged) expect(scanner.findIn(text)).toEqual([])
  expect(token.pid).toBe(PID)
})

it('K10 a logged validator shows no part of tokens or keys', async () => {
  await usual.validator.verify(forge.token(), READ)
  expect(leaksIn(usual.validator)).toEqual([])
  expect(leaksIn(usual.validator.health())).toEqual([])
})

it('the error of a failed key fetch names the failure, but shows no part of the answer or the token', async () => {
  const answer = `<html>${forge.token()} ${PID}</html>`
  const fetch = async () => new Response(answer, { headers: { 'content-type': 'text/html' } })
  const { validator } = await prepare(forge, { options: { fetch } })
  const error = await errorOf(() => validator.verify(forge.token(), READ))
  expect(error).toMatchObject({ reason: 'keys_unavailable', cause: { reason: 'not_json' } })
  expect(leaksIn(error)).toEqual([])
  expect(leaksIn(validator.health())).toEqual([])
})

test.each([...HOSTILE_FETCHES, ...HOSTILE_RESPONSES])(
  'a Texas validator shows no part of a token when `fetch` returns or throws %s',
  async (_title, fetch) => {
    const { validator } = await prepare(forge, { options: { jwks, fetch } }, 'texas')
    const error = await errorOf(() => validator.verify(forge.token(), READ))
    expect(error).toMatchObject({ reason: 'introspection_unavailable', cause: expect.any(Error) })
    expect(leaksIn(error)).toEqual([])
    expect(leaksIn(validator.health())).toEqual([])
  },
)

test.each([...HOSTILE_FETCHES, ...HOSTILE_RESPONSES])(
  'a validator shows no part of its request for keys when `fetch` returns or throws %s',
  async (_title, fetch) => {
    const authorization = 'Basic cHJveHk6aHVudGVyMmh1bnRlcjI='
    const validator = createMaskinportenValidator({
      issuer: ISSUER,
      clock: createTestClock(NOW * 1000),
      keys: { timeout: 0.5 },
      fetch: (url, init) => fetch(url, { ...init, headers: { authorization } }),
    })
    for (const work of [validator.ready(), validator.verify(forge.token(), READ)]) {
      const error = await errorOf(() => work)
      expect(error).toMatchObject({ reason: 'keys_unavailable', cause: expect.any(Error) })
      expect(everythingShownOf(error)).not.toContain('cHJveHk6')
    }
    expect(everythingShownOf(validator.health())).not.toContain('cHJveHk6')
  },
)

it('a configuration error shows no private key and no password', async () => {
  const privateSet = { keys: [{ ...forge.known.privateKey.export({ format: 'jwk' }), kid: 'k' }] }
  for (const options of [
    { issuer: ISSUER, jwks: privateSet },
    { issuer: 'https://u:hunter2hunter2@x.no/' },
  ]) {
    const thrown = await errorOf(() => createMaskinportenValidator(options))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(leaksIn(thrown)).toEqual([])
    expect(everythingShownOf(thrown)).not.toContain('hunter2hunter2')
  }
})
