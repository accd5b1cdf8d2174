import { safeCause } from '@portvakt/core/internal'
import { dotenvOf, RunningMock, writeVariables } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { appOption, variablesFor } from './app.js'
import { nameOf } from './files.js'
import {
  jsonOption,
  type ManifestOptions,
  manifestOptions,
  readManifests,
  urlOption,
  withOptions,
} from './options.js'
import { note, print, printJson } from './output.js'

interface EnvOptions extends ManifestOptions {
  readonly app?: string
  readonly files?: string
  readonly url: string
  readonly json?: true
}

export function envCommand(): Command {
  const command = new Command('env').description(
    'print the variables that NAIS would inject, as a .env file; without an app, those of the default client',
  )
  const files = new Option(
    '--files <directory>',
    'write the variables to files in this directory instead, as NAIS mounts them',
  )
  const all = [appOption(), ...manifestOptions(), files, urlOption(), jsonOption()]
  return withOptions(command, all).action(async (options: EnvOptions) => {
    const env = await variablesFor(new RunningMock(options.url), await readManifests(options), options.app)
    if (options.files !== undefined) {
      const { files } = options
      await writeVariables(files, env).catch((error: unknown) => {
        throw new TypeError(`${nameOf(files)}: cannot be written (${safeCause(error).code})`)
      })
      note(`written to ${files}`)
    } else if (options.json) printJson(env)
    else print(dotenvOf(env).trimEnd())
  })
}
