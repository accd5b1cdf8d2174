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
  readonly message: string
}

/** An application or job that was provisioned from its manifest. */
export interface ProvisionedApp {
  readonly kind: 'Application' | 'Naisjob'
  readonly name: string
  readonly namespace: string
  /** The number of the organisation that owns the app. */
  readonly organisationNumber: string
  /** Full names of the exposed scopes. */
  readonly exposes: readonly string[]
  /** Full names of the consumed scopes. */
  readonly consumes: readonly string[]
  /** Warnings about members of the app's file that NAIS accepts although they cause a failure later. */
  readonly warnings: readonly ManifestProblem[]
  /** The conditions of the app. Empty unless consumed scopes were dropped (`ungranted: 'drop'`). */
  readonly conditions: readonly AppCondition[]
  readonly clientId: string
  /** The private key, generated when this member is first read. */
  readonly jwk: JWK | undefined
  /** Every variable that NAIS injects. */
  readonly env: Readonly<Record<string, string>>
  /** `env` as the text of a `.env` file. @throws {TypeError} for a value that a `.env` file cannot hold */
  readonly dotenv: string
  /**
   * Writes each Maskinporten variable to its own file in the directory, like the files that NAIS mounts.
   * Creates the directory.
   */
  writeFiles(directory: string | URL): Promise<void>
  /**
   * Removes the app, as deleting it from the cluster does. The annotations of its MaskinportenClient decide
   * whether the client is kept. An annotation given here overrides the same annotation in the app's file.
   * `digdir.nais.io/preserve: "true"` keeps the client, and `digdir.nais.io/delete: "true"` deletes it.
   * Without either annotation, the mock keeps the client, as NAIS's older documentation says, and the result
   * warns that the current version of NAIS deletes the client. An app that is provisioned again gets its kept
   * client back. Enabled scopes are kept with their grants.
   *
   * @throws {TypeError} for an unknown annotation, or an annotation that is not text
   */
  remove(annotations?: MaskinportenClientAnnotations): AppRemoval
}

const DESCRIBED = [
  ...(['kind', 'name', 'namespace', 'organisationNumber', 'clientId'] as const),
  ...(['exposes', 'consumes', 'conditions', 'env'] as const),
]

/** Describes an app by its members, without its methods. */
export function describeApp(app: ProvisionedApp): Partial<ProvisionedApp> {
  return Object.fromEntries(DESCRIBED.map((name) => [name, app[name]]))
}

/**
 * Writes the text of a `.env` file. Values are in single quotes, in which neither a shell nor Node expands
 * anything.
 *
 * @throws {TypeError} naming the variable
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

/** Writes each variable to a file that only its owner can read, because one variable is a private key. */
export async function writeVariables(
  directory: string | URL,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory
  await mkdir(path, { recursive: true })
  for (const [name, value] of naisEntriesOf(env)) {
    if (!isMounted(name)) continue
    const file = join(path, name)
    // Remove an existing file, because overwriting would keep its mode. `wx` creates the file and follows no
    // link.
    await rm(file, { force: true })
    await writeFile(file, value, { mode: 0o600, flag: 'wx' })
  }
}

/** Returns the conditions of an app with dropped scopes, in the wording of digdirator (3dbead6, 2024-10). */
export function conditionsOf(dropped: readonly string[]): readonly AppCondition[] {
  if (dropped.length === 0) return []
  const message = `Organization has no access to scopes: [${dropped.join(', ')}]`
  return [{ type: 'InvalidConsumedScopes', status: 'True', reason: 'Failed', message }]
}
