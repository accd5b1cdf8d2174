import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APPS, freePort, portvakt, type Started, start } from './cli.js'

const PROVIDER = `${APPS}provider.yaml`
const CONSUMER = `${APPS}consumer.yaml`
const READ = 'nav:helse/sykepenger/afp.read'

describe('a provider and a consumer, unchanged and without configuration', () => {
  it('talk to each other when each is started by `run`, beside one mock', async () => {
    const mock = await start(['serve', '--port', '0'], /^Maskinporten \(mock\) (\S+)/)
    const env = { PORTVAKT_MOCK_URL: mock.found }
    const provider = await start(
      ['run', '--nais', PROVIDER, '--', process.execPath, `${APPS}provider.mjs`],
      /^API (\S+)/,
      env,
    )
    const asConsumer = ['run', '--nais', CONSUMER, '--organisation', '310385980', '--']
    const consumer = await portvakt([...asConsumer, process.execPath, `${APPS}consumer.mjs`], {
      ...env,
      API_URL: provider.found,
    })
    await provider.stop()
    await mock.stop()
    expect(consumer).toMatchObject({ code: 0, stdout: '200 {"consumer":"310385980"}\n' })
  })

  it('do not when the provider has not granted the consumer’s organisation, and it says so', async () => {
    const mock = await start(
      ['serve', '--port', '0', '--nais', PROVIDER, '--var', 'image=any'],
      /^Maskinporten \(mock\) (\S+)/,
    )
    const ended = await portvakt(
      ['run', '--nais', CONSUMER, '--organisation', '313367002', '--', process.execPath, '-e', ''],
      { PORTVAKT_MOCK_URL: mock.found },
    )
    await mock.stop()
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/consumer\.yaml:\d+: .*nav:helse\/sykepenger\/afp\.read/)
    expect(ended.stderr).toContain('313367002')
  })
})

describe('run', () => {
  it('starts a mock of its own where none runs, and ends with its command’s exit code', async () => {
    const script = 'process.stdout.write(process.env.MASKINPORTEN_ISSUER); process.exit(7)'
    const ended = await portvakt([
      'run',
      '--port',
      '0',
      '--expose',
      READ,
      '--nais',
      CONSUMER,
      '--',
      process.execPath,
      '-e',
      script,
    ])
    expect(ended.code).toBe(7)
    expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(ended.stderr).toContain('started a mock at')
  })

  it('says which app when a manifest has several, and what cannot be started', async () => {
    const several = await portvakt([
      'run',
      '--port',
      '0',
      '--nais',
      PROVIDER,
      '--var',
      'image=any',
      '--app',
      'other',
      '--',
      'true',
    ])
    expect(several).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no app other, only provider'),
    })
    const none = await portvakt(['run', '--port', '0', '--app', 'other', '--', 'true'])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('name its manifest by --nais') })
    const missing = await portvakt(['run', '--port', '0', '--', 'no-such-program'])
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('`no-such-program` cannot be started'),
    })
  })

  it('says how to expose a scope that is consumed and that no provider exposes', async () => {
    const ended = await portvakt(['run', '--port', '0', '--nais', CONSUMER, '--', process.execPath, '-e', ''])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`\`--expose ${READ}\``) })
  })

  it.each(['run', 'serve'])('%s names a scope to expose that has no prefix', async (command) => {
    const args = [command, '--port', '0', '--expose', 'sykepenger/afp.read']
    const ended = await portvakt(command === 'run' ? [...args, '--', process.execPath, '-e', ''] : args)
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"sykepenger/afp.read" has no prefix'),
    })
  })

  it('shows each refusal of its command as a line on standard error', async () => {
    const run = ['run', '--port', '0', '--', process.execPath, `${APPS}self-called.mjs`]
    const ended = await portvakt(run)
    expect(ended).toMatchObject({ code: 0, stdout: '401 portvakt\n' })
    const lines = ended.stderr.split('\n').filter((line) => line.startsWith('portvakt: refused'))
    expect(lines).toEqual([
      expect.stringMatching(
        /^portvakt: refused GET \/vedtak\/\*\*\*\/1: no_credentials \(required: nav:x\.read\)\. /,
      ),
    ])
    // What NODE_DEBUG names already stays.
    const named = await portvakt(run, { NODE_DEBUG: 'other' })
    expect(named).toMatchObject({ stdout: '401 other,portvakt\n' })
  })

  it('passes a signal on to its command', async () => {
    const script =
      "process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1e6); console.log('up now')"
    const command = await start(['run', '--port', '0', '--', process.execPath, '-e', script], /^up (\w+)/)
    expect(await command.stop()).toBe(3)
  })
})

describe('beside a mock that runs', () => {
  let mock: Started
  let env: Record<string, string>
  beforeAll(async () => {
    const manifests = ['--nais', PROVIDER, '--var', 'image=any', '--expose', 'skatt:x']
    mock = await start(['serve', '--port', '0', ...manifests], /^Maskinporten \(mock\) (\S+)/)
    env = { PORTVAKT_MOCK_URL: mock.found }
  })
  afterAll(() => mock.stop())

  it('token prints a token alone, and says on the side where it is from', async () => {
    const options = ['--scope', READ, 'nav:b', '--consumer', '310385980', '--expires-in', '60']
    const { code, stdout, stderr } = await portvakt(['token', ...options], env)
    const claims = decodeJwt(stdout.trim())
    expect(code).toBe(0)
    expect(claims).toMatchObject({ scope: `${READ} nav:b`, consumer: { ID: '0192:310385980' } })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60)
    expect(stderr).toContain(mock.found)
  })

  it('token --json prints the token and its claims', async () => {
    const { stdout } = await portvakt(['token', '--scope', READ, '--json'], env)
    const { token, claims } = JSON.parse(stdout)
    expect(decodeJwt(token)).toEqual(claims)
  })

  it('env prints the variables of an app, as .env, JSON or files', async () => {
    const dotenv = await portvakt(['env', '--app', 'provider'], env)
    expect(dotenv.stdout).toContain(`MASKINPORTEN_ISSUER='${mock.found}'`)
    const json = JSON.parse((await portvakt(['env', '--app', 'provider', '--json'], env)).stdout)
    expect(dotenv.stdout).toContain(json.MASKINPORTEN_CLIENT_ID)
    const directory = await mkdtemp(join(tmpdir(), 'portvakt-env-'))
    await portvakt(['env', '--app', 'provider', '--files', join(directory, 'secrets')], env)
    expect(await readdir(join(directory, 'secrets'))).toContain('MASKINPORTEN_CLIENT_JWK')
    expect(await readFile(join(directory, 'secrets/MASKINPORTEN_ISSUER'), 'utf8')).toBe(mock.found)
    await rm(directory, { recursive: true })
  })

  it('explain says check by check what a guard makes of a token, and ends with 1 when it refuses', async () => {
    const { stdout: token } = await portvakt(['token', '--scope', READ], env)
    const good = await portvakt(['explain', '--scope', READ], env, token)
    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/^allowed/) })
    const bad = await portvakt(['explain', token.trim(), '--scope', 'nav:other', '--json'], env)
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.stdout)).toMatchObject({ verdict: 'refused', reason: 'insufficient_scope' })
  })

  it('check tells case by case how an API answers, and ends with 1 when an answer is wrong', async () => {
    const provider = await start(
      ['run', '--app', 'provider', '--', process.execPath, `${APPS}provider.mjs`],
      /^API (\S+)/,
      env,
    )
    const right = await portvakt(['check', provider.found, '--scope', READ], env)
    const wrong = await portvakt(['check', provider.found, '--scope', 'nav:other', '--json'], env)
    await provider.stop()
    expect(right).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ expired: 401[\s\S]*answers are right/),
    })
    expect(wrong.code).toBe(1)
    const good = JSON.parse(wrong.stdout).cases.find((one: { name: string }) => one.name === 'good-token')
    expect(good).toMatchObject({ passed: false, status: 403 })
  })

  it('check says in one line that nothing listens where the API should be', async () => {
    const api = `http://127.0.0.1:${await freePort()}/vedtak`
    for (const more of [[], ['--json']]) {
      expect(await portvakt(['check', api, '--scope', READ, ...more], env)).toEqual({
        code: 1,
        stdout: '',
        stderr: `portvakt: No API answers at ${api} (ECONNREFUSED): start it, or correct the address\n`,
      })
    }
  })

  it('serve has listed the exposed scopes', () => {
    const line = mock.output.find((text) => text.startsWith('exposed scopes')) ?? ''
    expect(line.split(/\s+/).slice(2)).toEqual(expect.arrayContaining(['skatt:x', READ]))
  })

  it('the page lists the exposed scopes, and its forms begin with the first one', async () => {
    const text = await (await fetch(mock.found)).text()
    expect(text).toMatch(/Exposed scopes: .*<code>skatt:x<\/code>/)
    expect(text).toContain(`<code>${READ}</code>`)
    expect(text).toMatch(/name="scope" value="skatt:x"/)
    expect(text).toMatch(/name="required" required value="skatt:x"/)
  })

  it('serve has printed curl lines, and the one for a token of the first exposed scope works as it stands', async () => {
    const line = mock.output.find((text) => text.startsWith('curl') && text.includes('/api/v1/token')) ?? ''
    const [, target = ''] = /-d target=(\S+)/.exec(line) ?? []
    expect(target).toBe('skatt:x')
    const answer = await fetch(line.split(' ').at(-1) ?? '', {
      method: 'POST',
      body: new URLSearchParams({ identity_provider: 'maskinporten', target }),
    })
    expect((await answer.json()).token_type).toBe('Bearer')
  })

  it('a page of another site can have nothing made', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }
    const answer = await fetch(`${mock.found}portvakt/tokens`, { method: 'POST', headers, body: '{}' })
    expect(answer.status).toBe(403)
  })

  it('a second one at its port ends at once, and says why', async () => {
    const { port } = new URL(mock.found)
    const ended = await portvakt(['serve', '--port', port])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      new RegExp(`^portvakt: .*port ${port} \\(EADDRINUSE\\): another program .*\`--port\`.*\\n$`),
    )
  })
})

it('--version prints the version of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../packages/mock/package.json', import.meta.url), 'utf8'),
  )
  expect(await portvakt(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

describe('scopes', () => {
  it('names in full what manifests expose and consume, without a mock', async () => {
    const { stdout } = await portvakt(['scopes', PROVIDER, CONSUMER])
    expect(stdout).toBe(`provider  exposes   ${READ}\nconsumer  consumes  ${READ}\n`)
    const json = await portvakt(['scopes', CONSUMER, '--json'])
    expect(JSON.parse(json.stdout)).toEqual([{ app: 'consumer', exposes: [], consumes: [READ] }])
  })

  it('prints nothing of a manifest that is wrong, but what is wrong with it', async () => {
    const manifest = join(await mkdtemp(join(tmpdir(), 'portvakt-scopes-')), 'nais.yaml')
    await writeFile(manifest, (await readFile(CONSUMER, 'utf8')).replace(READ, 'afp.read'))
    const ended = await portvakt(['scopes', manifest])
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/nais\.yaml:13: .*consumes\[0\]/),
    })
  })

  it('names the line of a template without a value', async () => {
    const manifest = join(await mkdtemp(join(tmpdir(), 'portvakt-scopes-')), 'nais.yaml')
    await writeFile(manifest, (await readFile(CONSUMER, 'utf8')).replace(READ, '{{scope}}'))
    const ended = await portvakt(['scopes', manifest])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/nais\.yaml:13: .*scope/) })
    const { stdout } = await portvakt(['scopes', manifest, '--var', `scope=${READ}`])
    expect(stdout).toBe(`consumer  consumes  ${READ}\n`)
  })
})

describe('what is wrong on the command line', () => {
  it.each([
    [['bogus'], /unknown command/],
    [['serve', '--port', '99999'], /from 0 to 65535/],
    [['token'], /--scope/],
    [['token', '--scope', 'a:b', '--url', 'localhost:8089'], /--url.*http/],
    [['explain', 'x', '--scope', 'a:b', '--url', 'foo'], /--url.*http/],
    [['run'], /missing required argument/],
    [['scopes', CONSUMER, '--organisation', '0192:889640782'], /--organisation.*nine digits/],
  ])('%j ends with 2 and is named', async (args, message) => {
    const ended = await portvakt(args)
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message), stdout: '' })
  })

  it('a file that is not there, and a mock that does not run, end with 1 and are named', async () => {
    expect(await portvakt(['scopes', 'nowhere.yaml'])).toMatchObject({
      code: 1,
      stderr: 'portvakt: nowhere.yaml: cannot be read\n',
    })
    expect(await portvakt(['token', '--scope', 'a:b'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('start one with `portvakt serve`'),
    })
  })

  it('production is refused unless it is forced', async () => {
    const env = { NODE_ENV: 'production' }
    expect(await portvakt(['serve', '--port', '0'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NODE_ENV=production'),
    })
    const forced = await start(
      ['serve', '--port', '0', '--allow-production'],
      /^Maskinporten \(mock\) (\S+)/,
      env,
    )
    await forced.stop()
  })
})
