import { readFileSync } from 'node:fs'
import { createTexasValidator } from '@portvakt/core'
import { expect, it } from 'vitest'
import {
  BAD_TOKENS,
  type BadTokenName,
  createMockMaskinporten,
  createTestClock,
  type IssueTokenOptions,
} from '../../src/index.js'

interface Row {
  readonly name: string
  readonly path: string
  readonly method?: string
  readonly contentType?: string | null
  readonly sent?: string
  readonly upstream?: 'reset' | 'hang' | { status: number; headers?: Record<string, string>; body?: string }
  readonly status: number
  readonly type?: string | null
  readonly body: unknown
}

/** Answers of the real Texas. The file states its version and the date. */
const ROWS: readonly Row[] = JSON.parse(
  readFileSync(new URL('../texas-answers.json', import.meta.url), 'utf8'),
).rows

/**
 * The parts of a message that the mock does not reproduce: positions, and the words of Texas's libraries
 * about parse errors and failed requests.
 */
const WORDS_OF_LIBRARIES =
  /(?<=JSON error|Base64 error|body as JSON|request for url).*|,? (?:expected|at line) .*/s

/**
 * The parts of an answer in which the mock must equal the real Texas: status, content type, `active`,
 * `error`, the description without the words of libraries, and the names of an active token's claims.
 */
function essenceOf(status: number, type: string | null, text: string) {
  let json: { active?: boolean; error?: string; error_description?: string } | undefined
  try {
    json = JSON.parse(text.replaceAll(/"<time>"|<time>/g, '0').replaceAll('…', ''))
  } catch {
    json = undefined
  }
  const said = json?.error_description ?? json?.error
  const names = json?.active === true ? Object.keys(json).sort() : undefined
  const [error, fault] = [json?.error, said].map((one) => one?.replace(WORDS_OF_LIBRARIES, ''))
  return { status, type, active: json?.active, error, fault, names }
}
const expected = ({ status, type = 'application/json', body }: Row) =>
  essenceOf(status, type, typeof body === 'string' ? body : JSON.stringify(body))

const SCOPE = 'nav:x.read'
const clock = createTestClock()
const now = Math.floor(clock.now() / 1000)
const scopes = [{ name: SCOPE }, { name: 'nav:secret', consumers: [] }]
const mock = await createMockMaskinporten({ clock, scopes })
const good = await mock.issueToken({ scope: SCOPE })
const [header, payload, signature] = good.split('.')

async function send(path: string, init: RequestInit) {
  const response = await mock.fetch(new URL(path, mock.issuer).href, init)
  return essenceOf(response.status, response.headers.get('content-type'), await response.text())
}
const post = (path: string, members: object) => {
  const body = JSON.stringify({ identity_provider: 'maskinporten', ...members })
  return send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}
const introspect = (token: string) => post('/api/v1/introspect', { token })
const encode = (text: string) => Buffer.from(text).toString('base64url')

const IN = (claims: object) => () => mock.issueToken({ claims: { ...claims } })
const HEAD = (header: object) => () => mock.issueToken({ header: { ...header } })
const WITH = (options: IssueTokenOptions) => () => mock.issueToken(options)
const deep = JSON.parse('['.repeat(130) + ']'.repeat(130))

/** The token of each row named `token: …`. Rows named `token: bad-tokens …` use `mock.badToken` instead. */
const TOKENS: Readonly<Record<string, () => string | Promise<string>>> = {
  ...Object.fromEntries([-30, -55, -65].map((s) => [`exp ${s} s`, WITH({ expiresIn: s })])),
  ...Object.fromEntries([30, 55, 65].map((s) => [`nbf in ${s} s`, IN({ nbf: now + s })])),
  ...Object.fromEntries([30, 55, 65].map((s) => [`iat in ${s} s`, IN({ iat: now + s })])),
  'iat missing': IN({ iat: undefined }),
  'iat a fraction': IN({ iat: now - 1.5 }),
  'iat text': IN({ iat: `${now}` }),
  'iat negative': IN({ iat: -1 }),
  'iat a whole number with a fraction': IN({ iat: now - 1 }),
  'exp missing': IN({ exp: undefined }),
  'exp text': IN({ exp: `${now + 60}` }),
  'exp a fraction': IN({ exp: now + 60.5 }),
  'exp null': IN({ exp: null }),
  'exp 1e300': IN({ exp: 1e300 }),
  'exp negative': IN({ exp: -1 }),
  'nbf text': IN({ nbf: 'x' }),
  'iss missing': IN({ iss: undefined }),
  'iss a list': IN({ iss: [mock.issuer] }),
  'iss a list with another': IN({ iss: [mock.issuer, 'https://other/'] }),
  'iss without slash': IN({ iss: mock.issuer.replace(/\/$/, '') }),
  'aud any': IN({ aud: 'https://other/' }),
  'aud a list': IN({ aud: ['https://api/', 'https://other/'] }),
  'aud a number': IN({ aud: 1 }),
  'sub a number': IN({ sub: 1 }),
  'scope missing': IN({ scope: undefined }),
  cnf: IN({ cnf: { jkt: 'x' } }),
  'active false as a claim': IN({ active: false }),
  'error as a claim': IN({ error: 'fetch: mine' }),
  '__proto__ as a claim': () => mock.issueToken({ claims: JSON.parse('{"__proto__":{"x":1}}') }),
  'claim of 2^64': IN({ x: 2 ** 64 }),
  'claim with a lone surrogate': IN({ x: '\ud800' }),
  'claims 130 deep': IN({ x: deep }),
  'alg RS384': WITH({ algorithm: 'RS384' }),
  'alg RS512': WITH({ algorithm: 'RS512' }),
  'kid missing': HEAD({ kid: undefined }),
  'kid empty': HEAD({ kid: '' }),
  'kid unknown': HEAD({ kid: 'unknown' }),
  'kid with colon and words': HEAD({ kid: 'fetch: decode json: x' }),
  'kid a number': HEAD({ kid: 1 }),
  'typ at+jwt': HEAD({ typ: 'at+jwt' }),
  'crit unknown': HEAD({ crit: ['x'], x: 1 }),
  'crit names a text member': HEAD({ crit: ['x'], x: 'y' }),
  'alg of a header quoting us': HEAD({ alg: 'fetch: x' }),
  'b64 false as text': HEAD({ b64: 'false', crit: ['b64'] }),
  'nested object in the header': HEAD({ x: { y: 1 } }),
  'number in the header': HEAD({ x: 1 }),
  'null in the header': HEAD({ x: null }),
  'jwk in the header': HEAD({ jwk: mock.jwks().keys[0] }),
  empty: () => '',
  'one part': () => 'abc',
  'two parts': () => `${header}.${payload}`,
  'four parts': () => `${good}.x`,
  'five parts': () => `${good}.x.y`,
  'signature empty': () => `${header}.${payload}.`,
  'signature of another': () => `${header}.${encode(`{"iss":"${mock.issuer}"}`)}.${signature}`,
  'signature with padding': () => `${good}==`,
  'trailing line feed': () => `${good}\n`,
  'leading blank': () => ` ${good}`,
  'Bearer before it': () => `Bearer ${good}`,
  'header is no JSON': () => `${encode('nope')}.${payload}.${signature}`,
  'header is a list': () => `${encode('[]')}.${payload}.${signature}`,
  'header without alg': () => `${encode('{"kid":"x"}')}.${payload}.${signature}`,
  'header is fetch: text': () => `${encode('"fetch: x"')}.${payload}.${signature}`,
  'header not base64url': () => `${header}!.${payload}.${signature}`,
  'payload no JSON': () => `${header}.${encode('nope')}.${signature}`,
}

const about = (beginning: string) => ROWS.filter(({ name }) => name.startsWith(beginning))

it.each(about('token: '))('the mock introspects like the real Texas: $name', async (row) => {
  const name = row.name.slice('token: '.length)
  const bad = BAD_TOKENS.find((one) => `bad-tokens ${one.name}` === name)
  const make = bad ? () => mock.badToken(bad.name as BadTokenName, { scope: SCOPE }) : TOKENS[name]
  if (!make) return expect.unreachable(`no token for ${name}`)
  return expect(await introspect(await make())).toEqual(expected(row))
})

it('every token in these tests has a recorded answer of the real Texas', () => {
  const names = about('token: ').map((row) => row.name.slice('token: '.length))
  for (const name of Object.keys(TOKENS)) expect(names).toContain(name)
  expect(names.length).toBeGreaterThan(150)
})

// Whether Maskinporten, not Texas, chose the text of a row. The mock is not compared with such rows.
const isOfMaskinporten = ({ body }: Row) => JSON.stringify(body).includes('"MP-')
const requests = ROWS.filter(
  (row) => /^(?:introspect: |get: |exchange: |unknown path)/.test(row.name) && !isOfMaskinporten(row),
)
it.each(requests)('the mock answers like the real Texas: $name', async (row) => {
  const { path, method = 'POST', contentType = 'application/json' } = row
  const init: RequestInit = { method }
  if (method === 'POST') {
    init.body = new Blob([bodyOf(row)])
    if (contentType !== null) init.headers = { 'content-type': contentType }
  }
  expect(await send(path, init)).toEqual(expected(row))
})

/** Returns the body that was sent, with the tokens and long texts that the file omits. */
function bodyOf({ name, sent, contentType }: Row): string {
  const isForm = contentType === 'application/x-www-form-urlencoded'
  if (name === 'introspect: 3 MB body')
    return JSON.stringify({ identity_provider: 'maskinporten', token: 'a'.repeat(3_000_000) })
  if (sent !== undefined) return sent.replaceAll(/<token>|%3Ctoken%3E/g, good)
  const provider = / provider (\S+)$/.exec(name)?.[1] ?? 'maskinporten'
  const members = { identity_provider: provider === 'empty' ? '' : provider, token: good }
  if (isForm) return new URLSearchParams(members).toString()
  if (name === 'introspect: no provider') return JSON.stringify({ token: good })
  if (name === 'introspect: unknown member') return JSON.stringify({ ...members, extra: 1 })
  return JSON.stringify(members)
}

// Excludes `hang`: the real Texas ends such a request after a time, but the mock waits until its caller ends
// the request.
const failures = [...about('get, token endpoint: '), ...about('introspect, key endpoint: ')].filter(
  ({ upstream }) => upstream !== 'hang',
)
it.each(failures)('the mock answers like the real Texas when Maskinporten fails: $name', async (row) => {
  const isOfKeys = row.name.startsWith('introspect')
  if (isOfKeys) await mock.rotateKeys()
  const token = await mock.issueToken({ scope: SCOPE })
  const end = mock.addFault(isOfKeys ? 'jwk' : 'token', faultOf(row))
  const asked = isOfKeys ? introspect(token) : post('/api/v1/token', { target: SCOPE, skip_cache: true })
  expect(await asked).toEqual(expected(row))
  end()
})

/** The key sets of the rows whose names end in these words, made of the mock's key. */
const KEY_SETS: Readonly<Record<string, (key: object) => readonly object[]>> = {
  'good keys': (key) => [key],
  'alg RS512': (key) => [{ ...key, alg: 'RS512' }],
  'use enc': (key) => [{ ...key, use: 'enc' }],
  'an EC key too': (key) => [{ kty: 'EC', crv: 'P-256', kid: 'ec', x: 'AA', y: 'AA' }, key],
  'an oct key too': (key) => [{ kty: 'oct', k: 'AAAA', kid: 'oct' }, key],
  'an OKP key too': (key) => [{ kty: 'OKP', crv: 'Ed25519', kid: 'ed', x: 'AA' }, key],
}

function faultOf({ upstream, name }: Row) {
  if (upstream === undefined || typeof upstream === 'string') return 'reset'
  const [key = {}] = mock.jwks().keys
  const keys = Object.entries(KEY_SETS).find(([ending]) => name.endsWith(ending))?.[1](key)
  const body = keys ? JSON.stringify({ keys }) : upstream.body?.replaceAll('<modulus>', String(key.n))
  return { ...upstream, body: body ?? '' }
}

it.each<[string, string]>([
  ['iss a list', 'wrong_issuer'],
  ['crit names a text member', 'unsupported_header'],
  ['b64 false as text', 'unsupported_header'],
  ['cnf', 'sender_constrained'],
  ['exp -30 s', 'expired'],
  ['iat in 30 s', 'issued_in_future'],
  ['nbf in 30 s', 'not_yet_valid'],
  ['__proto__ as a claim', 'malformed_token'],
  ['active false as a claim', 'inactive_token'],
])('although Texas accepts the token (%s), a validator refuses it with 401 %s', async (name, reason) => {
  const token = await TOKENS[name]?.()
  const validator = createTexasValidator({
    issuer: mock.issuer,
    introspectionEndpoint: mock.env['NAIS_TOKEN_INTROSPECTION_ENDPOINT'] ?? '',
    fetch: mock.fetch,
    clock,
  })
  expect(await introspect(token ?? '')).toMatchObject({ status: 200 })
  const decision = await validator.decide(`Bearer ${token}`, SCOPE)
  expect(decision).toMatchObject({ allowed: false, denial: { status: 401, reason } })
})
