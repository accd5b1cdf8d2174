import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { freePort, portvakt } from './cli.js'
import { GRANTED, serveWithClient, UNGRANTED, UNREGISTERED } from './client.js'

const { mock, clientId, privateJwk, env, options, file } = await serveWithClient()
beforeEach(() => mock.clearFaults())

type Step = Readonly<Record<'part' | 'step' | 'outcome' | 'detail', string>> & {
  readonly subject?: string
  readonly fix?: string
}

/** Runs `doctor --json`. Checks that it prints neither token nor key. */
async function doctor(args: readonly string[], variables: Record<string, string> = {}) {
  const { code, stdout, stderr } = await portvakt(['doctor', '--json', ...args], variables)
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/eyJ/)
    expect(text).not.toContain(JSON.parse(privateJwk).d.slice(0, 16))
  }
  const { passed, steps }: { passed: boolean; steps: readonly Step[] } = JSON.parse(stdout)
  expect(code).toBe(passed ? 0 : 1)
  const find = (name: string, scope?: string) =>
    steps.find((one) => one.step === name && one.subject === scope)
  return { passed, find, outcomes: steps.map(({ step, outcome }) => `${step} ${outcome}`) }
}

const CLIENT = [...options, '--scope', GRANTED]
const PROVIDER = ['issuer', 'dns', 'proxy', 'metadata', 'clock', 'keys']

it('every step of `doctor` passes for a working client that is configured by options', async () => {
  const { passed, outcomes, find } = await doctor(CLIENT)
  expect(passed).toBe(true)
  const skipped = ['variables', 'tls']
  const made = [...PROVIDER, 'client', 'key', 'token', 'scope'].map((step) => `${step} passed`)
  expect(outcomes.toSorted()).toEqual([...made, ...skipped.map((step) => `${step} skipped`)].toSorted())
  expect(find('key')?.detail).toMatch(/^RSA, 2048 bits, kid /)
  expect(find('client')?.detail).toBe(`${clientId}, by --client-id`)
  expect(find('scope', GRANTED)?.detail).toMatch(/accepts the token of 0192:314330897$/)
})

it('every step of `doctor`, including the step for Texas, passes with the variables of an app', async () => {
  const { passed, find } = await doctor(['--scope', GRANTED], { ...mock.env })
  expect(passed).toBe(true)
  expect(find('variables')?.detail).toMatch(/^set: MASKINPORTEN_ISSUER, .*NAIS_TOKEN_INTROSPECTION_ENDPOINT$/)
  expect(find('texas')?.outcome).toBe('passed')
})

it('`doctor` passes for a provider that has no client, and skips the steps of a consumer', async () => {
  const { passed, find, outcomes } = await doctor(['--issuer', mock.url])
  expect(passed).toBe(true)
  expect(find('client')).toMatchObject({
    outcome: 'skipped',
    detail: expect.stringContaining('options name no client'),
  })
  expect(outcomes.filter((one) => one.startsWith('token'))).toEqual([])
})

it('`doctor` requests the scopes in MASKINPORTEN_SCOPES by default', async () => {
  const { find } = await doctor([], { ...env, MASKINPORTEN_SCOPES: `${GRANTED} ${UNGRANTED}` })
  expect(find('token', GRANTED)?.outcome).toBe('passed')
  expect(find('token', UNGRANTED)?.outcome).toBe('failed')
})

it('`doctor` requests a token for each scope, and reports each refusal with its code and a fix', async () => {
  const { passed, find } = await doctor([...CLIENT, UNREGISTERED, UNGRANTED])
  expect([passed, find('scope', GRANTED)?.outcome]).toEqual([false, 'passed'])
  expect(find('token', UNREGISTERED)).toMatchObject({
    detail: expect.stringMatching(
      /not registered on this client \(request_rejected, invalid_scope, MP-200, 400, trace id/,
    ),
    fix: expect.stringContaining('spec.maskinporten.scopes.consumes'),
  })
  expect(find('token', UNGRANTED)).toMatchObject({
    detail: expect.stringContaining('MP-250'),
    fix: 'ask the provider to grant it',
  })
})

it('without any variable, the first step of `doctor` fails, and the fix names the variable to set', async () => {
  const { find, outcomes } = await doctor([])
  expect(outcomes).toEqual(['variables failed', 'issuer failed'])
  expect(find('variables')?.fix).toMatch(/MASKINPORTEN_WELL_KNOWN_URL, or give --environment/)
})

it('when a variable of the client is missing, the step `client` of `doctor` fails and names the variable', async () => {
  const { MASKINPORTEN_CLIENT_JWK: _, ...incomplete } = env
  const { find } = await doctor([], incomplete)
  expect(find('client')).toMatchObject({
    outcome: 'failed',
    detail: expect.stringMatching(/^MASKINPORTEN_CLIENT_JWK is/),
  })
  expect(find('keys')?.outcome).toBe('passed')
})

it('`doctor` reports an expired enterprise certificate', async () => {
  const { pem, certificateChain } = await mock.issueCertificate({ expiresInDays: -1 })
  await writeFile(file('expired.pem'), pem + certificateChain, { mode: 0o600 })
  const { find } = await doctor(['--issuer', mock.url, '--client-id', 'a', '--key', file('expired.pem')])
  expect(find('key')).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('not valid now') })
})

it('`doctor` reports a damaged key, and sends no token request', async () => {
  const { token } = mock.requests
  const jwk = JSON.stringify({ ...JSON.parse(privateJwk), p: 'AAAA' })
  const { find } = await doctor(['--scope', GRANTED], { ...env, MASKINPORTEN_CLIENT_JWK: jwk })
  expect(find('key')).toMatchObject({ outcome: 'failed', fix: expect.stringContaining('portvakt keygen') })
  expect(find('token', GRANTED)).toMatchObject({ outcome: 'skipped', detail: 'needs the step key' })
  expect(mock.requests.token).toBe(token)
})

it.each<[string, Parameters<typeof mock.addFault>, string, RegExp]>([
  ['an outage of the metadata', ['metadata', { status: 503 }], 'metadata', /answers 503/],
  ['an outage of the keys', ['jwk', { status: 503 }], 'keys', /error status/],
  ['an empty key set', ['jwk', 'empty'], 'keys', /without a usable key/],
  ['a login page', ['metadata', 'html'], 'metadata', /did not answer with JSON/],
  [
    'a server that does not answer',
    ['metadata', 'hang', { times: 1 }],
    'metadata',
    /does not answer in time/,
  ],
  ['a closed connection', ['jwk', 'reset'], 'keys', /cannot be reached \(/],
  [
    'a token endpoint that fails',
    ['token', { status: 503, headers: { 'retry-after': '60' } }],
    'token',
    /overloaded or failing/,
  ],
])('`doctor` reports %s as a failed step with a fix', async (_title, fault, step, detail) => {
  mock.addFault(...fault)
  const { find } = await doctor(CLIENT)
  const found = find(step, step === 'token' ? GRANTED : undefined)
  expect(found).toMatchObject({
    outcome: 'failed',
    detail: expect.stringMatching(detail),
    fix: expect.any(String),
  })
})

it('`doctor` reports a clock that differs from the server’s `Date` header', async () => {
  const headers = { date: new Date(Date.now() - 120_000).toUTCString() }
  mock.addFault('metadata', {
    status: 200,
    headers,
    body: await (await fetch(env.MASKINPORTEN_WELL_KNOWN_URL)).text(),
  })
  const { find } = await doctor(CLIENT)
  expect(find('clock')).toMatchObject({ outcome: 'failed', fix: expect.stringContaining('NTP') })
})

it('`doctor` reports a refused connection', async () => {
  const { find } = await doctor(['--issuer', `http://127.0.0.1:${await freePort()}/`])
  expect(find('metadata')).toMatchObject({ outcome: 'failed', detail: 'it cannot be reached (ECONNREFUSED)' })
})

it('`doctor` reports a host name without an address, and skips the steps that need the address', async () => {
  const { find } = await doctor(['--issuer', 'https://portvakt.invalid/'])
  expect(find('dns')).toMatchObject({
    outcome: 'failed',
    detail: expect.stringMatching(/no address \(E\w+\)|in time/),
  })
  expect(find('tls')).toMatchObject({ outcome: 'skipped', detail: 'needs the step dns' })
  expect(find('keys')).toMatchObject({ outcome: 'skipped' })
})

const servers: Server[] = []
afterAll(() => servers.map((server) => server.close()))
async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}/`
}

it('`doctor` reports an untrusted certificate and a proxy that Node does not use', async () => {
  const { pem: key, certificateChain: cert } = await mock.issueCertificate()
  const issuer = `https://${await listen(createTlsServer({ key, cert }))}`
  const { find } = await doctor(['--issuer', issuer], { HTTPS_PROXY: 'http://127.0.0.1:1' })
  expect(find('tls')).toMatchObject({
    outcome: 'failed',
    fix: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
  })
  expect(find('proxy')).toMatchObject({
    outcome: 'failed',
    fix: expect.stringContaining('NODE_USE_ENV_PROXY'),
  })
})

it.each<[number, Record<string, string>, string, RegExp]>([
  [200, {}, 'passed', /^it answers 200$/],
  [401, { 'www-authenticate': 'Bearer error="invalid_token"' }, 'failed', /does not accept the token/],
  [403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="a:b"' }, 'failed', /scope="a:b"/],
])('`doctor` explains an API’s answer with the status %i', async (status, headers, outcome, detail) => {
  const seen: (string | undefined)[] = []
  const api = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers.authorization?.slice(0, 7)}`)
    // A bad API repeats the token.
    response.writeHead(status, headers).end(JSON.stringify({ reason: request.headers.authorization }))
  })
  const url = `http://${await listen(api)}vedtak`
  const { find } = await doctor([...CLIENT, '--api', url, '--method', 'POST'])
  expect(find('api')).toMatchObject({ outcome, detail: expect.stringMatching(detail) })
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
  ['two audiences', [...CLIENT, '--audience', 'https://a.no/', 'https://b.no/'], /one --audience/],
  ['a client id without a key', ['--client-id', 'a'], /belong together/],
])('`doctor` with %s exits with 2', async (_title, args, message) => {
  const ended = await portvakt(['doctor', ...args])
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
})
