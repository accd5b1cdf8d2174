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
  /** The organisation that owns it. */
  readonly organisationNumber: string
  /** Full names of scopes. */
  readonly exposes: readonly string[]
  /** Full names of scopes. */
  readonly consumes: readonly string[]
  /** Members of its file that NAIS accepts and that fail later. */
  readonly warnings: readonly ManifestProblem[]
  /** Empty unless consumed scopes were dropped (`ungranted: 'drop'`). */
  readonly conditions: readonly AppCondition[]
  readonly clientId: string
  /** The private key, made when it is first read. */
  readonly jwk: JWK | undefined
  /** Every variable that NAIS injects. */
  readonly env: Readonly<Record<string, string>>
  /** `env` as the text of a `.env` file. @throws {TypeError} for a value that a `.env` file cannot hold */
  readonly dotenv: string
  /** Writes each variable of Maskinporten to a file, as NAIS mounts them. Creates the directory. */
  writeFiles(directory: string | URL): Promise<void>
  /**
   * Removes the app, as deleting it from the cluster does. The annotations of its MaskinportenClient decide
   * whether the client stays: those given here, else those in the app's file. `digdir.nais.io/preserve: "true"`
   * keeps the client, and `digdir.nais.io/delete: "true"` deletes it. Without either the mock keeps it, as
   * NAIS's older pages say, and the result warns that NAIS deletes it today. An app that is provisioned again
   * gets a kept client back. Enabled scopes stay with their grants.
   *
   * @throws {TypeError} for an unknown annotation, or one that is not text
   */
  remove(annotations?: MaskinportenClientAnnotations): AppRemoval
}

/**
 * Quotes a value with single quotes, in which neither a shell nor Node expands anything.
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

/** Only the owner can read the files, because one is a private key. */
export async function writeVariables(
  directory: string | URL,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory
  await mkdir(path, { recursive: true })
  for (const [name, value] of naisEntriesOf(env)) {
    if (!isMounted(name)) continue
    const file = join(path, name)
    // An existing file would keep its mode. `wx` creates the file, and so does not follow a link.
    await rm(file, { force: true })
    await writeFile(file, value, { mode: 0o600, flag: 'wx' })
  }
}

/** With the wording of digdirator (3dbead6, 2024-10). */
export function conditionsOf(dropped: readonly string[]): readonly AppCondition[] {
  if (dropped.length === 0) return []
  const message = `Organization has no access to scopes: [${dropped.join(', ')}]`
  return [{ type: 'InvalidConsumedScopes', status: 'True', reason: 'Failed', message }]
}
