import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APPS, portvakt, type Started, start } from './cli.js'

const MANIFEST = `${APPS}consumer.yaml`
const READ = 'nav:helse/sykepenger/afp.read'

/** How each command is called so that it would do its work. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  serve: ['serve', '--port', '0'],
  run: ['run', '--', process.execPath, '-e', 'console.log("started")'],
  token: ['token', '--scope', READ],
  env: ['env'],
  explain: ['explain', 'x', '--scope', READ],
  check: ['check', 'http://127.0.0.1:1/', '--scope', READ],
  scopes: ['scopes', MANIFEST],
  'check-manifest': ['check-manifest', MANIFEST, '--guards', READ],
}

/** They read manifests only. */
const WITHOUT_MOCK = ['scopes', 'check-manifest']

describe('with NODE_ENV=production, beside a mock that runs', () => {
  let mock: Started
  let env: Record<string, string>
  let commands: readonly string[]
  beforeAll(async () => {
    mock = await start(['serve', '--port', '0'], /^Maskinporten \(mock\) (\S+)/)
    env = { PORTVAKT_MOCK_URL: mock.found, NODE_ENV: 'production' }
    const { stdout } = await portvakt(['--help'])
    const [, listed = ''] = stdout.split('Commands:\n')
    commands = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name = '']) =>
      name === 'help' ? [] : [name],
    )
  })
  afterAll(() => mock.stop())

  it('every command that starts or asks a mock is refused, and says what to do', async () => {
    expect([...commands].sort()).toEqual(Object.keys(CALLS).sort())
    for (const command of commands.filter((name) => !WITHOUT_MOCK.includes(name))) {
      const ended = await portvakt(CALLS[command] ?? [], env)
      expect([command, ended.code, ended.stdout]).toEqual([command, 1, ''])
      expect(ended.stderr, command).toMatch(/NODE_ENV=production.*--allow-production/s)
    }
  })

  it('commands that read manifests only are not', async () => {
    const ended = await portvakt(CALLS['scopes'] ?? [], env)
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect((await portvakt(CALLS['check-manifest'] ?? [], env)).stderr).not.toContain('NODE_ENV')
  })

  it('explain is not for one of Digdir’s environments, which is no mock', async () => {
    const proxied = {
      ...env,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NO_NETWORK)}`,
    }
    const ended = await portvakt(['explain', 'x', '--scope', READ, '--environment', 'test'], proxied)
    expect([ended.code, ended.stdout.split('\n')[0]]).toEqual([1, 'refused: malformed_token'])
  })

  it('each of them works when it is allowed', async () => {
    for (const command of ['token', 'env', 'run']) {
      const [name = '', ...rest] = CALLS[command] ?? []
      const ended = await portvakt([name, '--allow-production', ...rest], env)
      expect([command, ended.code]).toEqual([command, 0])
    }
  })
})

const NO_NETWORK = `globalThis.fetch = async () => { throw new TypeError('no network here') }`
