#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { checkCommand } from './check.js'
import { checkManifestCommand } from './check-manifest.js'
import { envCommand } from './env.js'
import { explainCommand } from './explain.js'
import { refusedInProduction } from './options.js'
import { note } from './output.js'
import { runCommand } from './run.js'
import { scopesCommand } from './scopes.js'
import { serveCommand } from './serve.js'
import { tokenCommand } from './token.js'

/** Of the package; `require` reads it on every supported Node. */
const { version }: { version: string } = createRequire(import.meta.url)('../package.json')

/** Exit codes: 0 done, 1 refused or failed, 2 the command line is wrong; `run` has that of its command. */
const program = new Command('portvakt')
  .description('Maskinporten on your own machine')
  .version(version)
  .enablePositionalOptions()
  .configureHelp({ showGlobalOptions: false })
const withMock = [
  serveCommand(),
  runCommand(),
  tokenCommand(),
  envCommand(),
  explainCommand(),
  checkCommand(),
].map(refusedInProduction)
const withoutMock = [scopesCommand(), checkManifestCommand()]
for (const command of [...withMock, ...withoutMock]) program.addCommand(command.exitOverride())

try {
  await program.exitOverride().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong, or given the help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    // People get the message, which says what to do; the stack is for us.
    const message = error instanceof Error ? error.message : String(error)
    note(`portvakt: ${(process.env['DEBUG'] && error instanceof Error && error.stack) || message}`)
    process.exitCode = 1
  }
}
