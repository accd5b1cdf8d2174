import { environmentVariables } from './process-env.js'

/** Where NAIS mounts the variables of Maskinporten as files, each named after its variable. */
const SECRETS_DIRECTORY = '/var/run/secrets/nais.io/maskinporten'

/** The variables that NAIS provides, from the environment or from mounted files. */
export interface NaisVariables {
  /** The value of a variable; undefined when it has neither a value nor a file, or is empty. */
  read(name: string): string | undefined
  /** The beginning of an error message about a missing variable: its name, and where its file was looked for. */
  missing(name: string): string
}

/**
 * Reads the variables that NAIS provides. The environment's value comes first if it is not empty, then the
 * mounted file of that name, without white space at its ends. Files are read synchronously on Node (20.16, 22.3
 * and newer) and on other platforms that have `process.getBuiltinModule`.
 *
 * @param directory where the files are mounted. Default `/var/run/secrets/nais.io/maskinporten`
 * @example
 * const issuer = naisVariables().read('MASKINPORTEN_ISSUER')
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens
 */
export function naisVariables(directory: string = SECRETS_DIRECTORY): NaisVariables {
  const env = environmentVariables()
  return {
    // An empty variable counts as missing: its value was never filled in.
    read: (name) => env[name] || contentOf(`${directory}/${name}`),
    missing: (name) => `${name} is not set, and ${directory} has no file of that name`,
  }
}

interface FileSystem {
  readFileSync(path: string, encoding: 'utf8'): string
}

/** Undefined when the file is missing, unreadable or empty. */
function contentOf(path: string): string | undefined {
  try {
    // Not an import: core also runs on platforms without a file system.
    const { process } = globalThis as unknown as {
      process: { getBuiltinModule(id: 'node:fs'): FileSystem }
    }
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
