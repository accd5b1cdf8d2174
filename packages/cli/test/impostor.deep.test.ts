import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { serve } from '../../../test/contract/conformance/host.js'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { portvakt, scriptOf } from './cli.js'

/** The answer of a genuine mock on `/portvakt`. */
interface Identity {
  readonly name: string
  readonly issuer: string
  readonly env: Readonly<Record<string, string>>
}

type Handler = (request: IncomingMessage, response: ServerResponse, genuine: Identity) => unknown

/**
 * Starts a server in place of a mock. Paths without a handler answer like a mock. `requests` has the methods
 * and paths of the requests so far.
 */
async function startImpostor(handlers: Readonly<Record<string, Handler>> = {}) {
  const requests: string[] = []
  let genuine: Identity = { name: '@portvakt/mock', issuer: '', env: {} }
  const { port, close } = await serve((request, response) => {
    const asked = `${request.method} ${request.url}`
    requests.push(asked)
    const own = { 'GET /portvakt': answering(genuine), 'GET /portvakt/apps': answering([]) }
    const all: Readonly<Record<string, Handler>> = { ...own, ...handlers }
    const handler = all[asked] ?? answering(null, 404)
    handler(request, response, genuine)
  })
  const url = `http://127.0.0.1:${port}/`
  const { env } = await createMockMaskinporten({ issuer: url })
  genuine = { ...genuine, issuer: url, env }
  return { url, genuine, requests, close }
}

const answeringText =
  (text: string, status = 200): Handler =>
  (_request, response) =>
    response.writeHead(status).end(text)

const answering = (body: unknown, status?: number) => answeringText(JSON.stringify(body), status)

const parent = await temporaryDirectory()
let impostor: Awaited<ReturnType<typeof startImpostor>> | undefined
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(parent, 'test-'))
})
afterEach(async () => {
  await impostor?.close()
  impostor = undefined
})

async function against(handlers: Readonly<Record<string, Handler>>, args: readonly string[]) {
  impostor = await startImpostor(handlers)
  return portvakt(args, { PORTVAKT_MOCK_URL: impostor.url })
}

/** Runs `run` with a command that creates a file when it is started. */
async function runAgainst(handlers: Readonly<Record<string, Handler>>, ...options: string[]) {
  const marker = join(directory, 'started')
  const command = scriptOf(`require('fs').writeFileSync('${marker}', '')`)
  const ended = await against(handlers, ['run', ...options, ...command])
  return { ...ended, isStarted: existsSync(marker) }
}

type Variables = Readonly<Record<string, unknown>>
/** Answers with an identity whose variables are changed. `undefined` removes a variable. */
const withEnv =
  (changes: Variables | ((genuine: Identity) => Variables)): Handler =>
  (request, response, genuine) => {
    const changed = typeof changes === 'function' ? changes(genuine) : changes
    answering({ ...genuine, env: { ...genuine.env, ...changed } })(request, response, genuine)
  }

it('`run` passes the variables of a genuine mock to its command', async () => {
  expect(await runAgainst({})).toMatchObject({ code: 0, isStarted: true })
})

it.each<[string, Parameters<typeof withEnv>[0]]>([
  ['NODE_OPTIONS', { NODE_OPTIONS: '--import=data:text/javascript,console.log(`evil`)' }],
  ['another name instead of the key', { MASKINPORTEN_CLIENT_JWK: undefined, 'MASKINPORTEN_/../x': 'evil' }],
  ['an endpoint on another host', { MASKINPORTEN_TOKEN_ENDPOINT: 'https://evil.example/token' }],
  ['a Texas at another port', { NAIS_TOKEN_ENDPOINT: 'http://127.0.0.1:1/' }],
  ['an issuer on another host', { MASKINPORTEN_ISSUER: 'https://evil.example/' }],
  ['keys over another scheme', ({ issuer }) => ({ MASKINPORTEN_JWKS_URI: issuer.replace('http', 'https') })],
  ['a password in a URL', ({ issuer }) => ({ MASKINPORTEN_JWKS_URI: issuer.replace('//', '//a:password@') })],
  ['a key without members', { MASKINPORTEN_CLIENT_JWK: '{"kty":"RSA"}' }],
  ['a client id of two lines', { MASKINPORTEN_CLIENT_ID: 'a\nNODE_OPTIONS=b' }],
  ['scopes of two lines', { MASKINPORTEN_SCOPES: 'nav:a\nNODE_OPTIONS=b' }],
  ['a value that is too long', { MASKINPORTEN_SCOPES: `nav:${'a'.repeat(100_000)}` }],
  ['a value that is not text', { MASKINPORTEN_SCOPES: ['nav:a'] }],
  ['no key', { MASKINPORTEN_CLIENT_JWK: undefined }],
])('`run` does not start its command if a mock’s answer has %s', async (_title, changes) => {
  const ended = await runAgainst({ 'GET /portvakt': withEnv(changes) })
  expect(ended).toMatchObject({ code: 1, stdout: '', isStarted: false })
  expect(ended.stderr).toMatch(/not those of a Portvakt mock/)
  expect(ended.stderr).not.toMatch(/evil|password@|NODE_OPTIONS=b/)
})

it('`run` does not start its command if a mock’s variables for an app include NODE_OPTIONS', async () => {
  const hostile: Handler = (_request, response, { env }) =>
    response.end(JSON.stringify([{ name: 'app', env: { ...env, NODE_OPTIONS: '--version' } }]))
  const ended = await runAgainst({ 'GET /portvakt/apps': hostile }, '--app', 'app')
  expect(ended).toMatchObject({ code: 1, isStarted: false })
})

it('`run` does not start its command when the mock disappears before it has sent variables', async () => {
  let asked = 0
  const once: Handler = (request, response, genuine) => {
    if (asked++ === 0) response.end(JSON.stringify(genuine))
    else request.socket.destroy()
  }
  const ended = await runAgainst({ 'GET /portvakt': once })
  expect(ended).toMatchObject({ code: 1, isStarted: false, stderr: expect.stringMatching(/No mock answers/) })
})

it.each([
  ['GET /portvakt', 'text', answeringText('{"name": hello')],
  ['GET /portvakt', 'null', answering(null)],
  ['GET /portvakt', 'an error in JSON', answering({ error: 'Not Found' }, 404)],
  ['POST /portvakt/tokens', 'an error that is not JSON', answeringText('<html>', 500)],
  ['POST /portvakt/tokens', 'null', answering(null)],
])('the error of `token` says that a server which answers %s with %s is not a mock', async (...given) => {
  const [request, , handler] = given
  const { stderr, ...ended } = await against({ [request]: handler }, ['token', '--scope', 'nav:x'])
  expect(ended).toEqual({ code: 1, stdout: '' })
  const server = `The server at ${impostor?.url} is not a Portvakt mock`
  expect(stderr).toBe(`portvakt: ${server}: stop it, or name another address with --url\n`)
})

it('`env` writes the files that NAIS mounts, and replaces a symbolic link instead of its target', async () => {
  const [files, elsewhere] = [join(directory, 'secrets'), join(directory, 'elsewhere')]
  await mkdir(files)
  await writeFile(elsewhere, 'as it was')
  await symlink(elsewhere, join(files, 'MASKINPORTEN_CLIENT_JWK'))
  await symlink(join(directory, 'missing'), join(files, 'MASKINPORTEN_SCOPES'))
  const ended = await against({}, ['env', '--files', files])
  expect(ended.code).toBe(0)
  const mounted = Object.keys(impostor?.genuine.env ?? {}).filter((name) => name.startsWith('MASKINPORTEN_'))
  expect((await readdir(files)).sort()).toEqual(mounted.sort())
  expect(await readFile(elsewhere, 'utf8')).toBe('as it was')
  expect((await readdir(directory)).sort()).toEqual(['elsewhere', 'secrets'])
})

const NOT_A_MOCK = { code: 1, stdout: '', stderr: expect.stringMatching(/not a Portvakt mock/) }

it('`env` fails on a redirect by the mock, and does not follow the redirect', async () => {
  const other = await startImpostor()
  const redirect: Handler = (_request, response) =>
    response.writeHead(307, { location: `${other.url}portvakt` }).end()
  const ended = await against({ 'GET /portvakt': redirect }, ['env'])
  await other.close()
  expect(ended).toMatchObject(NOT_A_MOCK)
  expect(other.requests).toEqual([])
})

it('`token` reads an endless answer only up to a limit', async () => {
  const endless: Handler = (_request, response) => {
    const more = () => {
      while (response.write(' '.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
  const ended = await against({ 'GET /portvakt': endless }, ['token', '--scope', 'nav:a'])
  expect(ended).toMatchObject(NOT_A_MOCK)
})

/** Runs `token` against a server that answers it in this way. */
const tokenFrom = (answer: Handler, ...options: string[]) =>
  against({ 'POST /portvakt/tokens': answer }, ['token', '--scope', 'nav:a', ...options])

it.each([
  ['an escape sequence that sets the terminal’s title', '\u001B]0;owned\u0007a.b.c'],
  ['a second line', 'a.b.c\nexport PATH=/tmp'],
  ['a list', ['a.b.c']],
  ['a token of 200,000 characters', `a.b.${'c'.repeat(200_000)}`],
])('`token` prints nothing if a mock’s answer has %s in place of a token', async (_title, token) => {
  const ended = await tokenFrom(answering(token))
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).not.toContain('owned')
})

it('`token --json` escapes control characters in claims', async () => {
  const claims = { scope: 'a\u009B2J\u202Eb\u007F\u{E0001}' }
  const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.AAAA`
  const { stdout } = await tokenFrom(answering(token), '--json')
  expect(JSON.parse(stdout)).toEqual({ token, claims })
  expect(stdout).not.toMatch(/[^\P{C}\n]/u)
})

it('an error in a mock’s answer is printed without control characters', async () => {
  const { code, stderr } = await tokenFrom(answering({ error: 'no \u001B[2J\u009B1mscope\u202E\r' }, 400))
  expect(code).toBe(1)
  expect(stderr).toMatch(/scope/)
  expect(stderr).not.toMatch(/[^\P{C}\n]/u)
})

it('`env` does not send a manifest to a server that is not a mock', async () => {
  const manifest = join(directory, 'nais.yaml')
  const app = 'kind: Application\nmetadata: { name: api }\nspec: { maskinporten: { enabled: true } }\n'
  await writeFile(manifest, `apiVersion: nais.io/v1alpha1\n${app}`)
  const other = answering({ name: 'another server' })
  const ended = await against({ 'GET /portvakt': other }, ['env', '--nais', manifest])
  expect(ended.code).toBe(1)
  expect(impostor?.requests).toEqual(['GET /portvakt'])
})
