import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, expect, it } from 'vitest'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { appOf, CONSUMER, PROVIDER, portvakt, READ, scriptOf, serve, spawnInTerminal, start } from './cli.js'

const mock = await serve()
afterAll(() => mock.stop())
const STARTED = scriptOf('console.log("started")')

/** Runs a command with its own mock. */
const run = (options: readonly string[], command: readonly string[], env: Record<string, string> = {}) =>
  portvakt(['run', '--port', '0', ...options, ...command], env)

it('under `run`, a consumer without configuration can call a provider if it has a grant', async () => {
  const env = { PORTVAKT_MOCK_URL: mock.found }
  const provider = await start(['run', '--nais', PROVIDER, ...appOf('provider')], /^API (\S+)/, env)
  const consumerOf = (organisation: string) => {
    const args = ['run', '--nais', CONSUMER, '--organisation', organisation, ...appOf('consumer')]
    return portvakt(args, { ...env, API_URL: provider.found })
  }
  const [granted, ungranted] = [await consumerOf('310385980'), await consumerOf('313367002')]
  await provider.stop()
  expect(granted).toMatchObject({ code: 0, stdout: '200 {"consumer":"310385980"}\n' })
  const stderr = expect.stringMatching(
    /consumer\.yaml:\d+: .*nav:helse\/sykepenger\/afp\.read[\s\S]*313367002/,
  )
  expect(ungranted).toMatchObject({ code: 1, stdout: '', stderr })
})

it('`run` starts a mock if no mock is running, and exits with the exit code of its command', async () => {
  const script = 'process.stdout.write(process.env.MASKINPORTEN_ISSUER); process.exit(7)'
  const ended = await run(['--expose', READ, '--nais', CONSUMER], scriptOf(script))
  expect(ended.code).toBe(7)
  expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(ended.stderr).toContain('started a mock at')
})

it('`run` leaves the options after its command to the command, also without `--`', async () => {
  const command = [process.execPath, '-p', 'process.argv.slice(1).join()', 'x', '--port', '1']
  expect(await run([], command)).toMatchObject({ code: 0, stdout: 'x,--port,1\n' })
})

it('`run` with --port uses a mock on that port or starts one there, and ignores mocks at other addresses', async () => {
  const other = await serve()
  const printIssuer = scriptOf('process.stdout.write(process.env.MASKINPORTEN_ISSUER)')
  const issuerAt = async (port: number | string) =>
    (await portvakt(['run', '--port', `${port}`, ...printIssuer], { PORTVAKT_MOCK_URL: other.found })).stdout
  const free = await freePort()
  expect(await issuerAt(new URL(mock.found).port)).toBe(mock.found)
  expect(await issuerAt(free)).toBe(`http://127.0.0.1:${free}/`)
  expect(await issuerAt(0)).not.toBe(other.found)
  await other.stop()
})

it('`run` starts neither a mock nor its command if no mock answers at --url', async () => {
  const stderr = expect.stringMatching(/^portvakt: No mock answers at http:\/\/127\S+: .*omit --url\n$/)
  const ended = await portvakt(['run', '--url', 'http://127.0.0.1:1/', ...STARTED])
  expect(ended).toEqual({ code: 1, stdout: '', stderr })
})

it('`run` exits with 2 if both --url and --port are given', async () => {
  const stderr = expect.stringContaining('Give --url for a running mock, or --port')
  const ended = await run(['--url', 'http://127.0.0.1:1/'], STARTED)
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr })
})

it('the help of `run` does not require manifests', async () => {
  const { stdout } = await portvakt(['run', '--help'])
  expect(stdout).toContain('Usage: portvakt run [options] -- <command...>\n')
})

const OF_PROVIDER = ['--nais', PROVIDER, '--var', 'image=any', '--app', 'other']
const UNKNOWN_APP = 'There is no app other. The apps are provider'
it.each([
  ['an app that the manifest does not have', OF_PROVIDER, STARTED, UNKNOWN_APP],
  ['an app without a manifest', ['--app', 'other'], STARTED, 'name its manifest with --nais'],
  ['a missing program', [], ['--', 'no-such-program'], '`no-such-program` cannot be started'],
  ['a scope that no provider exposes', ['--nais', CONSUMER], STARTED, `\`--expose ${READ}\``],
])('`run` exits with 1, starts no command and reports %s', async (_title, options, command, message) => {
  const stderr = expect.stringContaining(message)
  expect(await run(options, command)).toMatchObject({ code: 1, stdout: '', stderr })
})

it.each(['run', 'serve'])('`%s` exits with 2 for an exposed scope that has no prefix', async (command) => {
  const args = [command, '--port', '0', '--expose', 'afp.read', ...(command === 'run' ? scriptOf('') : [])]
  const stderr = expect.stringMatching(/^portvakt: `--expose`: "afp\.read" .*prefix/)
  expect(await portvakt(args)).toMatchObject({ code: 2, stdout: '', stderr })
})

it('`run` sends the port in PORT to a running mock, whose page then shows the port in the API’s address', async () => {
  const address = async () => /name="api" value="([^"]*)"/.exec(await (await fetch(mock.found)).text())?.[1]
  for (const [PORT, shown] of [
    ['4567', '4567'],
    ['0', '4567'],
    ['4568', '4568'],
  ] as const) {
    const ended = await portvakt(['run', ...scriptOf('')], { PORTVAKT_MOCK_URL: mock.found, PORT })
    expect([PORT, ended.code, await address()]).toEqual([PORT, 0, `http://localhost:${shown}/`])
  }
})

it('`run` prints one line on standard error for each request that a guard in its command refuses', async () => {
  const ended = await run([], appOf('self-called'))
  expect(ended).toMatchObject({ code: 0, stdout: '401 portvakt\n' })
  const line = expect.stringMatching(
    /^portvakt: refused GET \/vedtak\/\*\*\*\/1: no_credentials .*nav:x\.read/,
  )
  expect(ended.stderr.match(/^portvakt: refused.*/gm)).toEqual([line])
  const debugged = await run([], appOf('self-called'), { NODE_DEBUG: 'other' })
  expect(debugged.stdout).toBe('401 other,portvakt\n')
})

it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'without a terminal, `run` passes %s on to its command',
  async (signal) => {
    const script = `process.on('${signal}', () => process.exit(3)); setInterval(() => {}, 1e6); console.log('up now')`
    const command = await start(['run', '--port', '0', ...scriptOf(script)], /^up (\w+)/)
    expect(await command.stop(signal)).toBe(3)
  },
)

// `spawnInTerminal` needs util-linux’s `script`. The `script` of other systems has no --version.
it.skipIf(spawnSync('script', ['--version']).status !== 0)(
  'in a terminal, the command of `run` receives one SIGINT for each Ctrl-C',
  async () => {
    const app = `let count = 0
      process.on('SIGINT', () => { count++; setTimeout(() => process.exit(10 + count), 500) })
      console.log('up now')
      setInterval(() => {}, 1e6)`
    const child = spawnInTerminal(['run', '--port', '0', ...scriptOf(app)])
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('up')) child.stdin.write('\x03')
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(11)
  },
)
