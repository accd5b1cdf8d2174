import { beforeEach, expect, it } from 'vitest'
import { serve } from '../../../test/contract/conformance/host.js'
import { portvakt } from './cli.js'
import { GRANTED, serveWithClient, UNGRANTED, UNREGISTERED } from './client.js'

const { mock, clientId, privateJwk, env, options } = await serveWithClient()
beforeEach(() => mock.clearFaults())

type Step = Readonly<Record<'part' | 'step' | 'outcome' | 'detail', string>> & {
  readonly subject?: string
  readonly fix?: string
}

/**
 * Runs `doctor --json`. Checks that it prints neither token nor key. `report` returns the report of a step, such
 * as `failed: the detail → the fix`.
 */
async function doctor(args: readonly string[], variables: Record<string, string> = {}) {
  const { code, stdout, stderr } = await portvakt(['doctor', '--json', ...args], variables)
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/eyJ/)
    expect(text).not.toContain(JSON.parse(privateJwk).d.slice(0, 16))
  }
  const { passed, steps }: { passed: boolean; steps: readonly Step[] } = JSON.parse(stdout)
  expect(code).toBe(passed ? 0 : 1)
  const report = (name: string, scope?: string) => {
    const found = steps.find((one) => one.step === name && one.subject === scope)
    const { outcome, detail, fix } = found ?? expect.unreachable(`there is no step ${name}`)
    return `${outcome}: ${detail}${fix === undefined ? '' : ` → ${fix}`}`
  }
  return { passed, report, outcomes: steps.map(({ step, outcome }) => `${step} ${outcome}`) }
}

const CLIENT = [...options, '--scope', GRANTED]

it('every step of `doctor` passes for a working client that is configured by options', async () => {
  const { passed, outcomes, report } = await doctor(CLIENT)
  expect(passed).toBe(true)
  const made = ['issuer', 'dns', 'proxy', 'metadata', 'clock', 'keys', 'client', 'key', 'token', 'scope']
  const expected = [...made.map((step) => `${step} passed`), 'variables skipped', 'tls skipped']
  expect(outcomes.toSorted()).toEqual(expected.toSorted())
  expect(report('key')).toMatch(/^passed: RSA, 2048 bits, kid /)
  expect(report('client')).toBe(`passed: ${clientId}, by --client-id`)
  expect(report('scope', GRANTED)).toMatch(/accepts the token of 0192:314330897$/)
})

it('`doctor` does not print a key that is given as the client’s id', async () => {
  const { report } = await doctor(options.map((option) => (option === clientId ? privateJwk : option)))
  expect(report('client')).toMatch(/^passed: \[removed.*\], by --client-id$/)
})

it('every step of `doctor`, including the step for Texas, passes with the variables of an app', async () => {
  const { passed, report } = await doctor(['--scope', GRANTED], { ...mock.env })
  expect(passed).toBe(true)
  expect(report('variables')).toMatch(/: set: MASKINPORTEN_ISSUER, .*NAIS_TOKEN_INTROSPECTION_ENDPOINT$/)
  expect(report('texas')).toMatch(/^passed/)
})

it('`doctor` passes for a provider that has no client, and skips the steps of a consumer', async () => {
  const { passed, report, outcomes } = await doctor(['--issuer', mock.url])
  expect(passed).toBe(true)
  expect(report('client')).toMatch(/^skipped: .*options name no client/)
  expect(outcomes.filter((one) => one.startsWith('token'))).toEqual([])
})

it('`doctor` requests the scopes in MASKINPORTEN_SCOPES by default', async () => {
  const { outcomes } = await doctor([], { ...env, MASKINPORTEN_SCOPES: `${GRANTED} ${UNGRANTED}` })
  expect(outcomes.slice(-3)).toEqual(['token passed', 'scope passed', 'token failed'])
})

it('`doctor` requests a token for each scope, and reports each refusal with its code and a fix', async () => {
  const { passed, report } = await doctor([...CLIENT, UNREGISTERED, UNGRANTED])
  expect(passed).toBe(false)
  expect(report('scope', GRANTED)).toMatch(/^passed/)
  const refusal = /\(request_rejected, invalid_scope, MP-200, 400, trace id.* → .*scopes\.consumes/
  expect(report('token', UNREGISTERED)).toMatch(refusal)
  expect(report('token', UNGRANTED)).toMatch(/MP-250.* → ask the provider to grant it$/)
})

it('without any variable, the first step of `doctor` fails, and the fix names the variable to set', async () => {
  const { report, outcomes } = await doctor([])
  expect(outcomes).toEqual(['variables failed', 'issuer failed'])
  expect(report('variables')).toMatch(/ → Set MASKINPORTEN_ISSUER or MASKINPORTEN_WELL_KNOWN_URL, or give/)
})

it('when a variable of the client is missing, the step `client` of `doctor` fails and names the variable', async () => {
  const { MASKINPORTEN_CLIENT_JWK: _, ...incomplete } = env
  const { report } = await doctor([], incomplete)
  expect(report('client')).toMatch(/^failed: MASKINPORTEN_CLIENT_JWK is/)
  expect(report('keys')).toMatch(/^passed/)
})

it('`doctor` reports a damaged key, and sends no token request', async () => {
  const { token } = mock.requests
  const jwk = JSON.stringify({ ...JSON.parse(privateJwk), p: 'AAAA' })
  const { report } = await doctor(['--scope', GRANTED], { ...env, MASKINPORTEN_CLIENT_JWK: jwk })
  expect(report('key')).toMatch(/^failed: .* → .*portvakt keygen/)
  expect(report('token', GRANTED)).toBe('skipped: needs the step key')
  expect(mock.requests.token).toBe(token)
})

const OUTAGE = { status: 503, headers: { 'retry-after': '60' } }
it.each<[string, Parameters<typeof mock.addFault>, string, RegExp]>([
  ['an outage of the keys', ['jwk', { status: 503 }], 'keys', /^failed: .*error status.* → /],
  ['metadata that never arrives', ['metadata', 'hang', { times: 1 }], 'metadata', /not answer in time.* → /],
  ['an outage of the token endpoint', ['token', OUTAGE], 'token', /^failed: .*overloaded or failing.* → /],
])('`doctor` reports %s as a failed step with a fix', async (_title, fault, step, detail) => {
  mock.addFault(...fault)
  const { report } = await doctor(CLIENT)
  expect(report(step, step === 'token' ? GRANTED : undefined)).toMatch(detail)
})

it('`doctor` reports a host name without an address, and skips the steps that need the address', async () => {
  const { report } = await doctor(['--issuer', 'https://portvakt.invalid/'])
  expect(report('dns')).toMatch(/^failed: .*(?:no address \(E\w+\)|in time)/)
  expect(report('tls')).toBe('skipped: needs the step dns')
  expect(report('keys')).toMatch(/^skipped/)
})

it.each<[number, Record<string, string>, RegExp]>([
  [200, {}, /^passed: it answers 200$/],
  [403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="a:b"' }, /^failed: .*scope="a:b"/],
])('`doctor` explains an API’s answer with the status %i', async (status, headers, reported) => {
  const seen: (string | undefined)[] = []
  const api = await serve((request, response) => {
    seen.push(`${request.method} ${request.headers.authorization?.slice(0, 7)}`)
    // A bad API repeats the token.
    response.writeHead(status, headers).end(JSON.stringify({ reason: request.headers.authorization }))
  })
  const url = `http://127.0.0.1:${api.port}/vedtak`
  const { report } = await doctor([...CLIENT, '--api', url, '--method', 'POST'])
  await api.close()
  expect(report('api')).toMatch(reported)
  expect(seen).toEqual(['POST Bearer '])
})

it('`doctor` groups its steps under headings such as `consumer`, and prints a fix below a failed step', async () => {
  const { code, stdout } = await portvakt(['doctor', ...CLIENT, UNREGISTERED])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^Maskinporten\n {2}· variables: skipped: .*\n {2}✓ issuer: http/)
  expect(stdout).toMatch(/^provider\n {2}✓ keys: 1 key can be used\nconsumer\n {2}✓ client: /m)
  expect(stdout).toMatch(/^ {2}✗ token nav:z\.read: .*MP-200.*\n {6}→ add it to/m)
  expect(stdout).toMatch(/\n1 of \d+ steps failed\n$/)
})

it.each<[string, readonly string[], RegExp]>([
  ['a scope without a client', ['--scope', GRANTED, '--issuer', mock.url], /need a client/],
  ['an API on plain http', [...CLIENT, '--api', 'http://api.example.no/'], /--api must be an https: URL/],
  ['a method that cannot be sent', [...CLIENT, '--api', mock.url, '--method', 'G T'], /--method must be/],
])('`doctor` with %s exits with 2', async (_title, args, message) => {
  const ended = await portvakt(['doctor', ...args])
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
})
