import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JWK } from 'jose'
import type { ManifestProblem } from './manifest-error.js'
import type { AppRemoval, MaskinportenClientAnnotations } from './removal.js'
import { isMounted, naisEntriesOf } from './variables.js'

/** A condition in the status of a MaskinportenClient, as `kubectl get maskinportenclient` shows it. */
export interface AppCondition {
  readonly type: 'InvalidConsumedScopes'
  readonly status: 'True'
  readonly reason: 'Failed'
  /** Names the scopes. */
  readonly message: string
}

/** An application or job that was provisioned from its manifest. */
export interface ProvisionedApp {
  readonly kind: 'Application' | 'Naisjob'
  readonly name: string
  readonly namespace: string
  /** The organisation that owns it. */
  readonly organisationNumber: string
  /** The full names of the scopes that it exposes. */
  readonly exposes: readonly string[]
  /** The full names of the scopes that it consumes. */
  readonly consumes: readonly string[]
  /** What in its file NAIS takes and what causes trouble later. */
  readonly warnings: readonly ManifestProblem[]
  /** Empty unless consumed scopes were dropped (`ungranted: 'drop'`). */
  readonly conditions: readonly AppCondition[]
  readonly clientId: string
  /** The private key, made when it is first asked for. */
  readonly jwk: JWK | undefined
  /** Every variable that NAIS injects, for acquiring tokens and for validating them. */
  readonly env: Readonly<Record<string, string>>
  /** The same as the text of a `.env` file. @throws {TypeError} for a value that such a file cannot hold */
  readonly dotenv: string
  /** Writes those of Maskinporten as files, one a variable, as NAIS mounts them. The directory is made if need be. */
  writeFiles(directory: string | URL): Promise<void>
  /**
   * Removes the app, as deleting it from the cluster does. What becomes of its client depends on the annotations of
   * its MaskinportenClient: those given here, else those of a MaskinportenClient in the app's file. With
   * `digdir.nais.io/preserve: "true"` the client stays, with `digdir.nais.io/delete: "true"` it is deleted. With
   * neither the mock keeps it, as NAIS's older pages say, and the result warns that NAIS deletes it today. A client
   * that stays is found again by an app that returns. Scopes that are enabled stay with their grants.
   *
   * @throws {TypeError} naming an annotation that is not known, or is not text
   */
  remove(annotations?: MaskinportenClientAnnotations): AppRemoval
}

/**
 * The text of a `.env` file. Single quotes: within them neither a shell nor Node changes anything.
 *
 * @throws {TypeError} naming a variable whose value cannot be written like that
 */
export function dotenvOf(env: Readonly<Record<string, string>>): string {
  return naisEntriesOf(env)
    .map(([name, value]) => {
      if (/['\p{Cc}]/u.test(value))
        throw new TypeError(`${name} has a quote or a line break, which a .env file cannot hold`)
      return `${name}='${value}'\n`
    })
    .join('')
}

/** Only the owner may read the files: one is a private key. */
export async function writeVariables(
  directory: string | URL,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory
  await mkdir(path, { recursive: true })
  for (const [name, value] of naisEntriesOf(env)) {
    if (!isMounted(name)) continue
    const file = join(path, name)
    // A file that is there would keep its mode. `wx` creates the file, so that no link is followed.
    await rm(file, { force: true })
    await writeFile(file, value, { mode: 0o600, flag: 'wx' })
  }
}

/** In the words of digdirator (3dbead6, 2024-10). */
export function conditionsOf(dropped: readonly string[]): readonly AppCondition[] {
  if (dropped.length === 0) return []
  const message = `Organization has no access to scopes: [${dropped.join(', ')}]`
  return [{ type: 'InvalidConsumedScopes', status: 'True', reason: 'Failed', message }]
}
