#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { checkCommand } from './check.js'
import { checkManifestCommand } from './check-manifest.js'
import { doctorCommand } from './doctor.js'
import { envCommand } from './env.js'
import { explainCommand } from './explain.js'
import { keygenCommand } from './keygen.js'
import { CommandLineError, refusedInProduction } from './options.js'
import { note, print } from './output.js'
import { runCommand } from './run.js'
import { scopesCommand } from './scopes.js'
import { serveCommand } from './serve.js'
import { tokenCommand } from './token.js'

/** `require` can read JSON on every supported version of Node. */
const { version }: { version: string } = createRequire(import.meta.url)('../package.json')

/**
 * Exit codes: 0 success, 1 refusal or failure, 2 wrong command line, 141 closed pipe. `run` exits with the exit
 * code of the command that it starts.
 */
const program = new Command('portvakt')
  .description('Maskinporten on your own machine, and a client’s tokens from the real one')
  .version(version)
  .enablePositionalOptions()
  .configureHelp({ showGlobalOptions: false })
  .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => note(text.trimEnd()) })
  .exitOverride()
const withMock = [serveCommand, runCommand, envCommand, checkCommand]
/** These commands can run without a mock. When they use a mock, they check for production themselves. */
const withClient = [keygenCommand, tokenCommand, doctorCommand, explainCommand]
const withManifest = [scopesCommand, checkManifestCommand]
const commands = [
  ...withMock.map((make) => refusedInProduction(make())),
  ...[...withClient, ...withManifest].map((make) => make()),
]
for (const command of commands) program.addCommand(command.copyInheritedSettings(program))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the error or the help.
    process.exitCode = error.exitCode === 0 ? 0 : 2
    if (error.code === 'commander.missingArgument') noteTakenArgument()
  } else if (error instanceof CommandLineError) {
    note(`portvakt: ${error.message}`)
    process.exitCode = 2
  } else {
    const message = error instanceof Error ? error.message : String(error)
    note(`portvakt: ${(process.env['DEBUG'] && error instanceof Error && error.stack) || message}`)
    process.exitCode = 1
  }
}

/** Says what to do if an option that accepts several values took the argument that commander reports as missing. */
function noteTakenArgument(): void {
  const command = commands.find((one) => one.name() === process.argv[2])
  const taker = command?.options.find(
    (option) => option.variadic && command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (!taker) return
  const fix =
    command?.name() === 'run' ? 'put `--` before the command' : 'give the argument before the options'
  note(`An option such as ${taker.long} takes all words up to the next option: ${fix}`)
}
