import { afterAll, expect, it } from 'vitest'
import { CONSUMER, portvakt, READ, scriptOf, serve } from './cli.js'

/** Arguments for each command, by its name. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  serve: ['serve', '--port', '0'],
  run: ['run', ...scriptOf('console.log("started")')],
  token: ['token', '--scope', READ],
  env: ['env'],
  explain: ['explain', 'x', '--scope', READ],
  check: ['check', 'http://127.0.0.1:1/', '--scope', READ],
  keygen: ['keygen', '--bits', '1'],
  doctor: ['doctor', '--scope', READ],
  scopes: ['scopes', CONSUMER],
  'check-manifest': ['check-manifest', CONSUMER, '--guards', READ],
}

/** Commands that use no mock. */
const WITHOUT_MOCK = ['keygen', 'doctor', 'scopes', 'check-manifest']

const mock = await serve(['--allow-production'], { NODE_ENV: 'production' })
afterAll(() => mock.stop())
const env = { PORTVAKT_MOCK_URL: mock.found, NODE_ENV: 'production' }

it('every command that starts or uses a mock is refused in production, and the error names a fix', async () => {
  const [, listed = ''] = (await portvakt(['--help'])).stdout.split('Commands:\n')
  const commands = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name)
  expect(commands.sort()).toEqual([...Object.keys(CALLS), 'help'].sort())
  for (const [command, args] of Object.entries(CALLS)) {
    if (WITHOUT_MOCK.includes(command)) continue
    const ended = await portvakt(args, env)
    expect([command, ended.code, ended.stdout]).toEqual([command, 1, ''])
    expect(ended.stderr, command).toMatch(/NODE_ENV=production.*--allow-production/s)
  }
})

it('commands that use no mock work in production', async () => {
  for (const command of WITHOUT_MOCK)
    expect((await portvakt(CALLS[command] ?? [], env)).stderr, command).not.toContain('NODE_ENV')
})

it('commands work in production with --allow-production', async () => {
  for (const command of ['token', 'env', 'run']) {
    const [name = '', ...rest] = CALLS[command] ?? []
    const ended = await portvakt([name, '--allow-production', ...rest], env)
    expect([command, ended.code]).toEqual([command, 0])
  }
})
