import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { naisVariables, safeCause } from '@portvakt/core/internal'
import { naisEntriesOf } from '@portvakt/mock/internal'
import { nameOf, readTextFile } from './files.js'
import { CommandLineError } from './options.js'

/** Where NAIS's variables are read from, in place of this process's environment. */
interface VariableSource {
  readonly env?: string
  readonly files?: string
}

let directory: string | undefined

/** The directory whose files supply missing variables; undefined for the directory that NAIS mounts. */
export const secretsDirectory = () => directory

/** Returns NAIS's variables, from the source that --env or --files names or else from the environment. */
export const cliVariables = () => naisVariables(directory)

/** A path in which no file can exist. Used with --env, so that mounted files do not supply variables. */
const NOWHERE = '/dev/null'

/**
 * Replaces all of NAIS's variables in this process with those of a file or a directory. A variable that the
 * shell has set and the source lacks is removed, because it can belong to another client.
 *
 * @throws {TypeError} if the source cannot be read, or has none of the variables
 */
export async function useVariablesOf({ env, files }: VariableSource): Promise<void> {
  if (env !== undefined && files !== undefined) throw new CommandLineError('Give --env or --files, not both')
  const source = env ?? files ?? ''
  const given = env === undefined ? await mountedIn(source) : parseEnv(await readTextFile(source, '--env'))
  const entries = naisEntriesOf(given)
  if (entries.length === 0)
    throw new TypeError(`${source}: has none of NAIS’s variables, such as MASKINPORTEN_CLIENT_ID`)
  directory = files ?? NOWHERE
  for (const [name] of naisEntriesOf(process.env)) delete process.env[name]
  Object.assign(process.env, Object.fromEntries(entries))
}

/**
 * Reads the mounted variables. Skips every other name: Kubernetes also mounts directories, whose names begin
 * with two dots.
 */
async function mountedIn(directory: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new TypeError(`${nameOf(directory)}: cannot be read (${safeCause(error).code})`)
  })
  const contents = names
    .filter((name) => /^(?:MASKINPORTEN|NAIS)_/.test(name))
    .map(async (name) => [name, (await readTextFile(join(directory, name))).trim()] as const)
  return Object.fromEntries(await Promise.all(contents))
}
