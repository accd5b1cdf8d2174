import { execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { quoted } from '../src/shell-word.js'

/** The built file that `bin` in the command's package.json names. */
export const BIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const APPS = fileURLToPath(new URL('apps/', import.meta.url))
export const PROVIDER = `${APPS}provider.yaml`
export const CONSUMER = `${APPS}consumer.yaml`
/** The scope that the provider exposes and the consumer consumes. */
export const READ = 'nav:helse/sykepenger/afp.read'

/** Returns the last arguments of `run`, which make it start this app from the folder `apps`. */
export const appOf = (name: string) => ['--', process.execPath, `${APPS}${name}.mjs`]
export const scriptOf = (text: string) => ['--', process.execPath, '-e', text]

const environment = (env: Record<string, string>) => ({
  PATH: process.env['PATH'] ?? '',
  PORTVAKT_MOCK_URL: 'http://127.0.0.1:1/',
  ...env,
})

/** Runs the command until it ends. The command finds no mock unless `env` names one. */
export function portvakt(
  args: readonly string[],
  env: Record<string, string> = {},
  { input = '', cwd }: { readonly input?: string; readonly cwd?: string } = {},
) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: environment(env), cwd }
    const child = execFile(process.execPath, [BIN, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
    child.stdin?.end(input)
  })
}

/** Runs the command until it ends, with a standard stream that is closed (as by `| true`) or on a full disk. */
export async function portvaktWithBroken(
  [stream, defect]: readonly ['stdout' | 'stderr', 'closed' | 'full'],
  args: readonly string[],
  { env, ...options }: SpawnOptions & { readonly env?: Record<string, string> } = {},
) {
  const full = await open('/dev/full', 'w')
  const broken = defect === 'full' ? full.fd : 'pipe'
  const stdio = stream === 'stdout' ? ['ignore', broken, 'pipe'] : ['ignore', 'pipe', broken]
  const child = spawn(process.execPath, [BIN, ...args], {
    ...options,
    env: environment(env ?? {}),
    stdio: stdio as ['ignore', 'pipe', 'pipe'],
  })
  if (defect === 'closed') child[stream].destroy()
  const other = stream === 'stdout' ? child.stderr : child.stdout
  const [output, [code]] = await Promise.all([text(other), once(child, 'close')])
  await full.close()
  return { code, output }
}

/**
 * Starts a command that runs until it is stopped. `found` is the awaited part of the output. `stop` returns
 * the exit code, or null if the signal ended the command.
 */
export async function start(args: readonly string[], awaited: RegExp, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const output: string[] = []
  // The output is read to the end: a full pipe would block the command.
  const lines = createInterface({ input: child.stdout }).on('line', (line) => output.push(line))
  const found = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const match = awaited.exec(line)?.[1]
      if (match !== undefined) resolve(match)
    })
    lines.on('close', () =>
      reject(new Error(`It ended before it printed ${awaited}: ${output.join('\n')}${errors}`)),
    )
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode
    child.kill(signal)
    const [code] = await once(child, 'exit')
    return code
  }
  return { found, output, stop }
}

/** Starts the command in a terminal, to which `stdin` types. Needs `script` of util-linux. */
export function spawnInTerminal(args: readonly string[]) {
  // Without `exec`, the terminal would also signal the shell.
  const command = `exec ${[process.execPath, BIN, ...args].map(quoted).join(' ')}`
  return spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: environment({}),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** Starts `serve` on a free port. `found` is the address of the mock. */
export const serve = (options: readonly string[] = [], env: Record<string, string> = {}) =>
  start(['serve', '--port', '0', ...options], /^Maskinporten \(mock\) (\S+)/, env)
