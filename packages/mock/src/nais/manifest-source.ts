import { takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { type AppManifest, type ClientManifest, readResource } from './manifest.js'
import { fileError, ManifestError, type ManifestProblem } from './manifest-error.js'
import { renderTemplate } from './template.js'
import { readText, readVariables, type TemplateVariables, takeVariables } from './template-variables.js'
import { readDocuments, type YamlDocument } from './yaml-document.js'

/** How to read manifests, and which organisation owns their apps. */
export interface ProvisionOptions extends TemplateVariables {
  /** The organisation that owns the apps. Default 889640782 (NAV), the owner on NAV's own NAIS. */
  readonly organisationNumber?: string
  /** The prefix of exposed scopes. Default `nav`. */
  readonly scopePrefix?: string
  /**
   * What happens when a provider has not granted a consumed scope to the organisation. With `fail`, the
   * default, provisioning fails. With `drop`, the client does not get the scope, and the app has the condition
   * `InvalidConsumedScopes`, as in digdirator since 3dbead6 (2024-10). Provisioning then fails only if no
   * consumed scope is granted.
   */
  readonly ungranted?: 'fail' | 'drop'
}

/** A manifest with its own options. */
export interface NaisManifest extends ProvisionOptions {
  /** The path of the manifest. With `yaml`, the path is used only in error messages. */
  readonly file?: string | URL
  /** The text of the manifest, instead of a file. */
  readonly yaml?: string
}

export type ManifestSource = string | URL | NaisManifest

/** An app in a manifest, its owner, and the MaskinportenClients of the file. */
export interface OwnedManifest extends AppManifest {
  readonly organisationNumber: string
  readonly ungranted: 'fail' | 'drop'
  readonly clients: readonly ClientManifest[]
}

const OPTIONS = ['organisationNumber', 'scopePrefix', 'vars', 'varsFile', 'ungranted'] as const

/** @throws {TypeError} naming the wrong option */
export function takeProvisionOptions(options: ProvisionOptions): ProvisionOptions {
  const taken = takeOptions(options, OPTIONS, 'provision')
  return Object.assign(taken, taken.vars !== undefined && { vars: takeVariables(taken.vars) })
}

/**
 * Reads the apps of a manifest, with their MaskinportenClients. Ignores other resources in the manifest.
 *
 * @param defaults options that `takeProvisionOptions` has checked
 * @throws {TypeError} naming the wrong option
 * @throws {ManifestError} when the manifest cannot be read or has no app
 */
export async function readSource(
  source: ManifestSource,
  defaults: ProvisionOptions,
): Promise<readonly OwnedManifest[]> {
  const given = typeof source === 'string' || source instanceof URL ? { file: source } : source
  const { file, yaml, ...own } = takeOptions(given, ['file', 'yaml', ...OPTIONS], 'A manifest')
  const options = { ...defaults, ...own }
  const { organisationNumber = '889640782', scopePrefix = 'nav', ungranted = 'fail' } = options
  checkOrganisationNumber(organisationNumber, 'organisationNumber')
  if (typeof scopePrefix !== 'string' || !/^[^:\s]+$/.test(scopePrefix))
    throw new TypeError('`scopePrefix` must be text without colons')
  if (ungranted !== 'fail' && ungranted !== 'drop')
    throw new TypeError("`ungranted` must be 'fail' or 'drop'")
  const name = file === undefined ? 'nais.yaml' : String(file)
  if (yaml === undefined && file === undefined) throw new TypeError('A manifest needs `file` or `yaml`')
  if (yaml !== undefined && typeof yaml !== 'string') throw new TypeError('`yaml` must be a string')
  if (name.includes('\n')) throw new TypeError('`file` is the text of a manifest: give it as { yaml }')
  const text = yaml ?? (await readText(file ?? name))
  // NAIS's build supplies the variable `image`. Its value has no effect in the mock.
  const variables = { image: 'image', ...(await readVariables(options)) }
  const documents = readDocuments(name, renderTemplate(text, name, variables))
  const resources = documents.flatMap((document) => readResource(document, scopePrefix) ?? [])
  const isRead = (document: YamlDocument) => resources.some((resource) => resource.document === document)
  if (documents.some((document) => document.problems.length > 0 && !isRead(document)))
    throw new ManifestError(documents.flatMap(({ problems }) => problems))
  const apps = resources.filter((resource) => resource.kind !== 'MaskinportenClient')
  const clients = resources.filter((resource) => resource.kind === 'MaskinportenClient')
  warnOfStrangers(clients, apps)
  if (apps.length > 0) return apps.map((app) => ({ ...app, organisationNumber, ungranted, clients }))
  throw fileError(name, 'does not have an Application or Naisjob of nais.io')
}

export function clientAnnotationsOf(app: OwnedManifest): Readonly<Record<string, string>> {
  return app.clients.find((client) => isClientOf(client, app))?.annotations ?? {}
}

/** Whether a MaskinportenClient belongs to an app: NAIS gives both the same name. */
const isClientOf = (client: ClientManifest, app: AppManifest): boolean =>
  client.name === app.name && client.namespace === app.namespace

function warnOfStrangers(clients: readonly ClientManifest[], apps: readonly AppManifest[]): void {
  for (const client of clients) {
    if (apps.some((app) => isClientOf(client, app))) continue
    const names = 'its name and namespace must be those of the app'
    client.document.warn([], `is a MaskinportenClient without an app in this file, and is not read: ${names}`)
  }
}

/**
 * Reads several manifests as {@link readSource} reads one.
 *
 * @throws {ManifestError} with the problems of all manifests
 */
export async function readSources(
  sources: readonly ManifestSource[],
  defaults: ProvisionOptions,
): Promise<readonly OwnedManifest[]> {
  const read = await Promise.allSettled(sources.map((source) => readSource(source, defaults)))
  const reasons = read.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  const other: unknown = reasons.find((reason) => !(reason instanceof ManifestError))
  if (other !== undefined) throw other
  const apps = read.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  const unread = reasons.flatMap(({ problems }: ManifestError) => problems)
  if (unread.length > 0) throw new ManifestError([...unread, ...problemsOf(apps)])
  return apps
}

/** The problems in the manifests of these apps, without duplicates. */
export function problemsOf(apps: readonly OwnedManifest[]): readonly ManifestProblem[] {
  return documentsOf(apps).flatMap(({ problems }) => problems)
}

/** The warnings in the manifests of these apps, without duplicates. */
export function warningsOf(apps: readonly OwnedManifest[]): readonly ManifestProblem[] {
  return documentsOf(apps).flatMap(({ warnings }) => warnings)
}

function documentsOf(apps: readonly OwnedManifest[]): readonly YamlDocument[] {
  const withClients = apps.flatMap((app) => [app, ...app.clients])
  return [...new Set(withClients.map(({ document }) => document))]
}
