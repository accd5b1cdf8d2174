import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { type NaisVariables, RunningMock, RunningMockError } from '@portvakt/mock/internal'
import { Command } from 'commander'
import { appOption, variablesFor } from './app.js'
import { checkScopes } from './check-scopes.js'
import {
  CommandLineError,
  exposeOption,
  type ManifestOptions,
  manifestOptions,
  portOption,
  readManifests,
  urlOption,
  withOptions,
} from './options.js'
import { note } from './output.js'
import { serveMock } from './serve.js'

interface RunOptions extends ManifestOptions {
  readonly app?: string
  readonly url: string
  readonly port: number
  readonly expose?: readonly string[]
  readonly allowProduction: boolean
}

export function runCommand(): Command {
  const command = new Command('run')
    .description(
      'start a command with the variables that NAIS would inject, using the running mock or starting one',
    )
    .usage('[options] -- <command...>')
    .argument('<command...>', 'the command to start')
    // Options after the first word of the command are the command's, also without `--`.
    .passThroughOptions()
  const all = [...manifestOptions(), appOption(), exposeOption(), urlOption(), portOption()]
  return withOptions(command, all).action(async (words: string[], options: RunOptions) => {
    await checkScopes(options.expose, '--expose')
    const manifests = await readManifests(options)
    const { mock, close } = await runningOrOwn(
      options,
      (name) => command.getOptionValueSource(name) === 'cli',
    )
    try {
      for (const name of options.expose ?? []) await mock.addScope({ name })
      const env = await variablesFor(mock, manifests, options.app)
      const port = Number(process.env['PORT'])
      // The command probably listens on PORT, so let the mock's page show a curl command for that port.
      if (Number.isInteger(port) && port > 0 && port < 65_536) await mock.appStarted(port)
      process.exitCode = await start(words, env)
    } finally {
      await close()
    }
  })
}

/**
 * Returns the running mock or starts one. A mock must be running at a given --url. A given --port is used for
 * both, whatever the address in PORTVAKT_MOCK_URL.
 *
 * @param isGiven whether an option is on the command line
 */
async function runningOrOwn({ url, port, allowProduction }: RunOptions, isGiven: (name: string) => boolean) {
  if (isGiven('url') && isGiven('port'))
    throw new CommandLineError('Give --url for a running mock, or --port for a new one, not both')
  const running = new RunningMock(isGiven('port') ? `http://127.0.0.1:${port}/` : url)
  if (await running.identity()) {
    note(`portvakt: using the mock at ${running.url}`)
    return { mock: running, close: async () => undefined }
  }
  if (isGiven('url'))
    throw new RunningMockError(`No mock answers at ${url}: start one with \`portvakt serve\`, or omit --url`)
  const own = await serveMock({ port, allowProduction })
  note(`portvakt: started a mock at ${own.url}, for as long as the command runs`)
  return { mock: new RunningMock(own.url), close: () => own.close() }
}

/**
 * Starts the command and passes signals on to it. Returns the command's exit code or, if a signal ended the
 * command, 128 plus the signal's number, as a shell does.
 */
function start([program = '', ...args]: readonly string[], env: NaisVariables): Promise<number> {
  // The entry `portvakt` makes guards print their refusals: see core's refusal-line.ts.
  const NODE_DEBUG = [process.env['NODE_DEBUG'], 'portvakt'].filter(Boolean).join(',')
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env, NODE_DEBUG } })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // On Ctrl-C, a terminal sends SIGINT to the command too, and many programs exit by force at a second SIGINT.
  // A supervisor without a terminal signals only this process.
  const isInTerminal = process.stdin.isTTY || process.stdout.isTTY
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !isInTerminal) child.kill(signal)
  }
  for (const signal of signals) process.on(signal, pass)
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new TypeError(`\`${program}\` cannot be started: ${cause.message}`)))
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
}
