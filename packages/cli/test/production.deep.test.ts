import { afterAll, beforeAll, expect, it } from 'vitest'
import { CONSUMER, portvakt, READ, type Started, scriptOf, serve } from './cli.js'

/** For each command, arguments with which it would succeed outside production. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  serve: ['serve', '--port', '0'],
  run: ['run', ...scriptOf('console.log("started")')],
  token: ['token', '--scope', READ],
  env: ['env'],
  explain: ['explain', 'x', '--scope', READ],
  check: ['check', 'http://127.0.0.1:1/', '--scope', READ],
  scopes: ['scopes', CONSUMER],
  'check-manifest': ['check-manifest', CONSUMER, '--guards', READ],
}

/** Commands that only read manifests. */
const WITHOUT_MOCK = ['scopes', 'check-manifest']

let mock: Started
let env: Record<string, string>
let commands: readonly string[]
beforeAll(async () => {
  mock = await serve(['--allow-production'], { NODE_ENV: 'production' })
  env = { PORTVAKT_MOCK_URL: mock.found, NODE_ENV: 'production' }
  const { stdout } = await portvakt(['--help'])
  const [, listed = ''] = stdout.split('Commands:\n')
  commands = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name = '']) =>
    name === 'help' ? [] : [name],
  )
})
afterAll(() => mock.stop())

it('every command that starts or uses a mock is refused in production, and the error says what to do', async () => {
  expect([...commands].sort()).toEqual(Object.keys(CALLS).sort())
  for (const command of commands.filter((name) => !WITHOUT_MOCK.includes(name))) {
    const ended = await portvakt(CALLS[command] ?? [], env)
    expect([command, ended.code, ended.stdout]).toEqual([command, 1, ''])
    expect(ended.stderr, command).toMatch(/NODE_ENV=production.*--allow-production/s)
  }
})

it('commands that only read manifests work in production', async () => {
  const ended = await portvakt(CALLS['scopes'] ?? [], env)
  expect([ended.code, ended.stderr]).toEqual([0, ''])
  expect((await portvakt(CALLS['check-manifest'] ?? [], env)).stderr).not.toContain('NODE_ENV')
})

it('`explain` works in production for one of Digdir’s environments, because it then uses no mock', async () => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(NO_NETWORK)}`
  const ended = await portvakt(['explain', 'x', '--scope', READ, '--environment', 'test'], {
    ...env,
    NODE_OPTIONS,
  })
  expect([ended.code, ended.stdout.split('\n')[0]]).toEqual([1, 'refused: malformed_token'])
})

it('commands work in production with --allow-production', async () => {
  for (const command of ['token', 'env', 'run']) {
    const [name = '', ...rest] = CALLS[command] ?? []
    const ended = await portvakt([name, '--allow-production', ...rest], env)
    expect([command, ended.code]).toEqual([command, 0])
  }
})

const NO_NETWORK = `globalThis.fetch = async () => { throw new TypeError('no network here') }`
