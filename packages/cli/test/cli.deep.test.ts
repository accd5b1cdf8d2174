import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, expect, it } from 'vitest'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { appOf, CONSUMER, PROVIDER, portvakt, READ, scriptOf, serve, start } from './cli.js'

const directory = await temporaryDirectory()
const mock = await serve(['--nais', PROVIDER, '--var', 'image=any', '--expose', 'skatt:x'])
afterAll(() => mock.stop())
const env = { PORTVAKT_MOCK_URL: mock.found }
const API = 'http://127.0.0.1:1/'
const SECRET = 'hush'

it('`token` prints only a token on standard output, and names the mock on standard error', async () => {
  const options = ['--scope', READ, 'nav:b', '--consumer', '310385980', '--expires-in', '60']
  const { code, stdout, stderr } = await portvakt(['token', ...options], env)
  const claims = decodeJwt(stdout.trim())
  expect(code).toBe(0)
  expect(claims).toMatchObject({ scope: `${READ} nav:b`, consumer: { ID: '0192:310385980' } })
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60)
  expect(stderr).toContain(mock.found)
})

it('`env` prints the variables of an app as .env or JSON, or writes them to files', async () => {
  const dotenv = await portvakt(['env', '--app', 'provider'], env)
  expect(dotenv.stdout).toContain(`MASKINPORTEN_ISSUER='${mock.found}'`)
  const json = JSON.parse((await portvakt(['env', '--app', 'provider', '--json'], env)).stdout)
  expect(dotenv.stdout).toContain(json.MASKINPORTEN_CLIENT_ID)
  await portvakt(['env', '--app', 'provider', '--files', join(directory, 'secrets')], env)
  expect(await readdir(join(directory, 'secrets'))).toContain('MASKINPORTEN_CLIENT_JWK')
  expect(await readFile(join(directory, 'secrets/MASKINPORTEN_ISSUER'), 'utf8')).toBe(mock.found)
})

it('`check` reports each response of an API, and exits with 1 if a response is wrong', async () => {
  const provider = await start(['run', '--app', 'provider', ...appOf('provider')], /^API (\S+)/, env)
  const right = await portvakt(['check', provider.found, '--scope', READ], env)
  const wrong = await portvakt(['check', provider.found, '--scope', 'nav:other', '--json'], env)
  await provider.stop()
  const report = expect.stringMatching(/✓ expired: 401[\s\S]*answers are right/)
  expect(right).toMatchObject({ code: 0, stdout: report })
  expect(wrong.code).toBe(1)
  const good = JSON.parse(wrong.stdout).cases.find((one: { name: string }) => one.name === 'good-token')
  expect(good).toMatchObject({ passed: false, status: 403 })
})

it('`check` prints a one-line error when nothing listens at the API’s address', async () => {
  const api = `http://127.0.0.1:${await freePort()}/vedtak`
  for (const more of [[], ['--json']]) {
    expect(await portvakt(['check', api, '--scope', READ, ...more], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^portvakt: No API answers at \S+ \(ECONNREFUSED\): nothing listens.*\n$/,
      ),
    })
  }
})

it.each([
  [['not a URL'], /^portvakt: The address of the API must be/],
  [['ftp://127.0.0.1/'], /^portvakt: The address of the API must be/],
  [[API, '--method', 'G T'], /^portvakt: --method must be/],
  [[API, '--header', `a b: ${SECRET}`], /^portvakt: --header must be `name: value`/],
  [[API, '--header', `a: b\n${SECRET}`], /^portvakt: --header must be `name: value`/],
  [[API, '--header', 'foo'], /^portvakt: --header must be `name: value`/],
  [[API, '--header', `authorization: ${SECRET}`], /^portvakt: --header must not be Authorization/],
  [[API, '--body', SECRET], /^portvakt: --body cannot be sent with GET/],
  [[API, '--consumer', 'xyz'], /^portvakt: --consumer must be nine digits/],
])('`check` with %j exits with 2 and sends nothing', async (args, message) => {
  const ended = await portvakt(['check', ...args, '--scope', READ], env)
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  expect(ended.stderr).not.toContain(SECRET)
})

it('`env --files` with the path of a file exits with 1, and the error names the path', async () => {
  const file = join(directory, 'a-file')
  await writeFile(file, '')
  const stderr = `portvakt: ${file}: cannot be written (EEXIST)\n`
  expect(await portvakt(['env', '--files', file], env)).toEqual({ code: 1, stdout: '', stderr })
})

it('`serve` lists the exposed scopes', () => {
  const line = mock.output.find((text) => text.startsWith('exposed scopes')) ?? ''
  expect(line.split(/\s+/).slice(2)).toEqual(expect.arrayContaining(['skatt:x', READ]))
})

it('`serve` prints a curl line that gets a token for the first exposed scope', async () => {
  const line = mock.output.find((text) => text.startsWith('curl') && text.includes('/api/v1/token')) ?? ''
  const [, target = ''] = /-d target=(\S+)/.exec(line) ?? []
  expect(target).toBe('skatt:x')
  const answer = await fetch(line.split(' ').at(-1) ?? '', {
    method: 'POST',
    body: new URLSearchParams({ identity_provider: 'maskinporten', target }),
  })
  expect((await answer.json()).token_type).toBe('Bearer')
})

it('a second mock on the same port exits at once, and prints the reason', async () => {
  const { port } = new URL(mock.found)
  const ended = await portvakt(['serve', '--port', port])
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(/^portvakt: .* \(EADDRINUSE\): another program .*`--port`.*\n$/)
  expect(ended.stderr).toContain(`port ${port} `)
})

it('`serve` refuses an empty host name, and its error names --hostname', async () => {
  const ended = await portvakt(['serve', '--port', '0', '--hostname', ''])
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('`--hostname`') })
})

it('--version prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  expect(await portvakt(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

it('`scopes` prints the full names of exposed and consumed scopes, without a mock', async () => {
  const { stdout } = await portvakt(['scopes', PROVIDER, CONSUMER])
  expect(stdout).toBe(`provider  exposes   ${READ}\nconsumer  consumes  ${READ}\n`)
  const json = await portvakt(['scopes', CONSUMER, '--json'])
  expect(JSON.parse(json.stdout)).toEqual([{ app: 'consumer', exposes: [], consumes: [READ] }])
})

it('the error of `scopes` names the line of a template variable without a value', async () => {
  const manifest = join(directory, 'nais.yaml')
  await writeFile(manifest, (await readFile(CONSUMER, 'utf8')).replace(READ, '{{scope}}'))
  const ended = await portvakt(['scopes', manifest])
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/nais\.yaml:13: .*scope/) })
  const { stdout } = await portvakt(['scopes', manifest, '--var', `scope=${READ}`])
  expect(stdout).toBe(`consumer  consumes  ${READ}\n`)
})

it.each([
  [['bogus'], /unknown command/],
  [['serve', '--port', '99999'], /from 0 to 65535/],
  [['serve', '--port', '0', '--issuer', 'foo'], /`issuer` must be a URL/],
  [['token'], /--scope/],
  [['token', '--scope', 'a:b', '--url', 'localhost:8089'], /--url.*http/],
  [['run'], /missing required argument/],
  [['run', '--ungranted', 'ignore', ...scriptOf('')], /fail, drop/],
  [['check-manifest', CONSUMER], /--guards/],
  [['check-manifest', CONSUMER, '--guards', ''], /--guards.*empty/],
  [['check-manifest', CONSUMER, '--guards', 'a:b,c d'], /--guards.*"c d" has white space/],
  [['scopes', CONSUMER, '--organisation', '0192:889640782'], /--organisation.*nine digits/],
])('the command line %j exits with 2, and the error names the mistake', async (args, message) => {
  const ended = await portvakt(args)
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message), stdout: '' })
})

const BEFORE = /such as --(?:scope|var) takes .*: give the argument before the options\n$/
it.each([
  [['run', '--expose', READ, 'node', 'app.mjs'], /such as --expose takes .*: put `--` before the command\n$/],
  [['check', '--scope', READ, API], BEFORE],
  [['scopes', '--var', 'a=b', CONSUMER], BEFORE],
  [['run', '--app', 'provider'], /missing required argument 'command'\n$/],
])('the error of %j says how to give the missing argument', async (args, message) => {
  const ended = await portvakt(args)
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message), stdout: '' })
})

it('a command whose file or mock is missing exits with 1, and the error names the file or mock', async () => {
  const file = { code: 1, stderr: 'portvakt: nowhere.yaml: cannot be read (ENOENT)\n' }
  expect(await portvakt(['scopes', 'nowhere.yaml'])).toMatchObject(file)
  const mock = { code: 1, stderr: expect.stringContaining('start one with `portvakt serve`') }
  expect(await portvakt(['token', '--scope', 'a:b'])).toMatchObject(mock)
})
