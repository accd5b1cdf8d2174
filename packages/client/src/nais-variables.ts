import { readFileSync } from 'node:fs'

/** Where NAIS mounts the same values as files, one named after each variable. */
export const SECRETS_DIRECTORY = '/var/run/secrets/nais.io/maskinporten'

/** Reads one of NAIS's variables: from the environment, else from the mounted file of that name. */
export type ReadVariable = (name: string) => string | undefined

/**
 * @param directory where the files are mounted
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-acquiring-tokens
 */
export function naisVariables(env: NodeJS.ProcessEnv, directory: string): ReadVariable {
  return (name) => {
    // An empty variable is one that somebody forgot to fill in, so it counts as missing.
    if (env[name]) return env[name]
    try {
      return readFileSync(`${directory}/${name}`, 'utf8').trim() || undefined
    } catch {
      // Not mounted: the caller says what is missing.
      return undefined
    }
  }
}
