import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { CONSUMER, PROVIDER, portvakt, READ, scriptOf, serve } from './cli.js'

const directory = await temporaryDirectory()
const mock = await serve(['--nais', PROVIDER, '--var', 'image=any', '--expose', 'skatt:x'])
afterAll(() => mock.stop())
const env = { PORTVAKT_MOCK_URL: mock.found }

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

it('`env --files` with the path of a file exits with 1, and the error names the path', async () => {
  const file = join(directory, 'a-file')
  await writeFile(file, '')
  const stderr = `portvakt: ${file}: cannot be written (EEXIST)\n`
  expect(await portvakt(['env', '--files', file], env)).toEqual({ code: 1, stdout: '', stderr })
})

it('`serve` lists the exposed scopes, and prints a curl line that gets a token for the first of them', async () => {
  const scopes = mock.output.find((text) => text.startsWith('exposed scopes')) ?? ''
  expect(scopes.split(/\s+/).slice(2)).toEqual(expect.arrayContaining(['skatt:x', READ]))
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
  const cause = `^portvakt: .*port ${port} .*\\(EADDRINUSE\\): another program .*\`--port\`.*\\n$`
  expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(cause) })
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
  [['serve', '--port', '0', '--hostname', ''], /`--hostname`/],
  [['token'], /--scope/],
  [['token', '--scope', 'a:b', '--url', 'localhost:8089'], /--url.*http/],
  [['run', '--ungranted', 'ignore', ...scriptOf('')], /fail, drop/],
  [['check-manifest', CONSUMER], /--guards/],
  [['check-manifest', CONSUMER, '--guards', ''], /--guards.*empty/],
  [['check-manifest', CONSUMER, '--guards', 'a:b,c d'], /--guards.*"c d" has white space/],
  [['scopes', CONSUMER, '--organisation', '0192:889640782'], /--organisation.*nine digits/],
  [['run', '--app', 'provider'], /missing required argument 'command'\n$/],
  [['run', '--expose', READ, 'node', 'app.mjs'], /such as --expose takes .*: put `--` before the command\n$/],
  [['scopes', '--var', 'a=b', CONSUMER], /such as --var takes .*: give the argument before the options\n$/],
])('the command line %j exits with 2, and the error names the mistake or its fix', async (args, message) => {
  const ended = await portvakt(args)
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message), stdout: '' })
})

it('a command whose file or mock is missing exits with 1, and the error names the file or mock', async () => {
  const file = 'portvakt: nowhere.yaml: cannot be read (ENOENT)\n'
  expect(await portvakt(['scopes', 'nowhere.yaml'])).toMatchObject({ code: 1, stderr: file })
  const mock = expect.stringContaining('start one with `portvakt serve`')
  expect(await portvakt(['token', '--scope', 'a:b'])).toMatchObject({ code: 1, stderr: mock })
})
