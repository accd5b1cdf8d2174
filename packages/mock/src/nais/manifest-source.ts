import { readFile } from 'node:fs/promises'
import { takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { type AppManifest, type ClientManifest, readResource } from './manifest.js'
import { ManifestError, type ManifestProblem } from './manifest-error.js'
import { renderTemplate } from './template.js'
import { readVariables, type TemplateVariables, takeVariables } from './template-variables.js'
import { readDocuments, type YamlDocument } from './yaml-document.js'

/** How manifests are read, and whose apps they are. */
export interface ProvisionOptions extends TemplateVariables {
  /** The organisation that owns the apps. Default 889640782, NAV's, as everywhere on its NAIS. */
  readonly organisationNumber?: string
  /** What the names of exposed scopes begin with. Default `nav`. */
  readonly scopePrefix?: string
  /**
   * What becomes of a consumed scope that its provider has not granted to the organisation. `fail`, the default:
   * provisioning fails. `drop`: the scope is left off the client and the app has the condition
   * `InvalidConsumedScopes`, as digdirator does since 3dbead6 (2024-10); provisioning fails only where none is granted.
   */
  readonly ungranted?: 'fail' | 'drop'
}

/** A manifest, with what differs from the other manifests of the call. */
export interface NaisManifest extends ProvisionOptions {
  /** Its path; with `yaml`, only what errors call it. */
  readonly file?: string | URL
  /** Its text, where it is in no file. */
  readonly yaml?: string
}

/** A manifest as it is given: its path, or what differs from the others. */
export type ManifestSource = string | URL | NaisManifest

/** An app in a manifest, its owner, and the other documents of the file that concern it. */
export interface OwnedManifest extends AppManifest {
  readonly organisationNumber: string
  readonly ungranted: 'fail' | 'drop'
  /** Every MaskinportenClient of the file. */
  readonly clients: readonly ClientManifest[]
}

const OPTIONS = ['organisationNumber', 'scopePrefix', 'vars', 'varsFile', 'ungranted'] as const

/** What every manifest leaves open for the build to fill in, and nothing here uses. */
const LEFT_TO_THE_BUILD = { image: 'image' }

const NAV = '889640782'

/** @throws {TypeError} naming the option that is unknown or wrong */
export function takeProvisionOptions(options: ProvisionOptions): ProvisionOptions {
  const taken = takeOptions(options, OPTIONS, 'provision')
  return Object.assign(taken, taken.vars !== undefined && { vars: takeVariables(taken.vars) })
}

/**
 * Reads the apps of a manifest, which may hold several, and other resources.
 *
 * @param defaults options that were taken already
 * @throws {TypeError} naming the option that is wrong
 * @throws {ManifestError} when it cannot be read, or holds no app
 */
export async function readSource(
  source: ManifestSource,
  defaults: ProvisionOptions,
): Promise<readonly OwnedManifest[]> {
  const given = typeof source === 'string' || source instanceof URL ? { file: source } : source
  const { file, yaml, ...own } = takeOptions(given, ['file', 'yaml', ...OPTIONS], 'A manifest')
  const options = { ...defaults, ...own }
  const { organisationNumber = NAV, scopePrefix = 'nav', ungranted = 'fail' } = options
  checkOrganisationNumber(organisationNumber, 'organisationNumber')
  if (typeof scopePrefix !== 'string' || !/^[^:\s]+$/.test(scopePrefix))
    throw new TypeError('`scopePrefix` must be text without colons')
  if (ungranted !== 'fail' && ungranted !== 'drop')
    throw new TypeError("`ungranted` must be 'fail' or 'drop'")
  const name = file === undefined ? 'nais.yaml' : String(file)
  const text = yaml ?? (await readText(file))
  const variables = { ...LEFT_TO_THE_BUILD, ...(await readVariables(options)) }
  const documents = readDocuments(name, renderTemplate(text, name, variables))
  const resources = documents.flatMap((document) => readResource(document, scopePrefix) ?? [])
  const isRead = (document: YamlDocument) => resources.some((resource) => resource.document === document)
  if (documents.some((document) => document.problems.length > 0 && !isRead(document)))
    throw new ManifestError(documents.flatMap(({ problems }) => problems))
  const apps = resources.filter((resource) => resource.kind !== 'MaskinportenClient')
  const clients = resources.filter((resource) => resource.kind === 'MaskinportenClient')
  warnOfStrangers(clients, apps)
  if (apps.length > 0) return apps.map((app) => ({ ...app, organisationNumber, ungranted, clients }))
  const message = 'has no Application and no Naisjob of nais.io'
  throw new ManifestError([{ file: name, line: undefined, path: '', message }])
}

async function readText(file: string | URL | undefined): Promise<string> {
  if (file === undefined) throw new TypeError('A manifest needs `file` or `yaml`')
  return readFile(file, 'utf8').catch(() => {
    throw new ManifestError([{ file: String(file), line: undefined, path: '', message: 'cannot be read' }])
  })
}

/** The annotations of the MaskinportenClient that belongs to an app: NAIS gives it the name of its app. */
export function clientAnnotationsOf(app: OwnedManifest): Readonly<Record<string, string>> {
  return app.clients.find((client) => isClientOf(client, app))?.annotations ?? {}
}

const SAME_NAMES = 'its name and namespace must be those of the app'

const isClientOf = (client: ClientManifest, app: AppManifest): boolean =>
  client.name === app.name && client.namespace === app.namespace

function warnOfStrangers(clients: readonly ClientManifest[], apps: readonly AppManifest[]): void {
  for (const client of clients) {
    if (apps.some((app) => isClientOf(client, app))) continue
    const message = `is a MaskinportenClient of no app in this file, and is not read: ${SAME_NAMES}`
    client.document.warn([], message)
  }
}

/**
 * Reads the apps of several manifests.
 *
 * @param defaults options that were taken already
 * @throws {ManifestError} with everything that is wrong in those that cannot be read
 * @throws {TypeError} naming the option that is wrong
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

/** What is wrong in the manifests of these apps, each problem once. */
export function problemsOf(apps: readonly OwnedManifest[]): readonly ManifestProblem[] {
  return documentsOf(apps).flatMap(({ problems }) => problems)
}

/** What is taken and causes trouble later, each warning once. */
export function warningsOf(apps: readonly OwnedManifest[]): readonly ManifestProblem[] {
  return documentsOf(apps).flatMap(({ warnings }) => warnings)
}

function documentsOf(apps: readonly OwnedManifest[]): readonly YamlDocument[] {
  const withClients = apps.flatMap((app) => [app, ...app.clients])
  return [...new Set(withClients.map(({ document }) => document))]
}
