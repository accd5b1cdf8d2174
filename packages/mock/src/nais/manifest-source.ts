import { readFile } from 'node:fs/promises'
import { takeOptions } from '@portvakt/core'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { type AppManifest, readManifest } from './manifest.js'
import { ManifestError } from './manifest-error.js'
import { renderTemplate } from './template.js'
import { readVariables, type TemplateVariables, takeVariables } from './template-variables.js'
import { readDocuments } from './yaml-document.js'

/** How manifests are read, and whose apps they are. */
export interface ProvisionOptions extends TemplateVariables {
  /** The organisation that owns the apps. Default 889640782, NAV's, as everywhere on its NAIS. */
  readonly organisationNumber?: string
  /** What the names of exposed scopes begin with. Default `nav`. */
  readonly scopePrefix?: string
}

/** A manifest, with what differs from the other manifests of the call. */
export interface NaisManifest extends ProvisionOptions {
  /** Its path; with `yaml`, only what errors call it. */
  readonly file?: string | URL
  /** Its text, where it is in no file. */
  readonly yaml?: string
}

/** An app in a manifest, and who owns it. */
export interface OwnedManifest extends AppManifest {
  readonly organisationNumber: string
}

const OPTIONS = [
  'organisationNumber',
  'scopePrefix',
  'vars',
  'varsFile',
] as const satisfies readonly (keyof ProvisionOptions)[]

/** What every manifest leaves open for the build to fill in, and nothing here uses. */
const LEFT_TO_THE_BUILD = { image: 'image' }

/** Of the organisation that runs NAIS. */
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
  source: string | URL | NaisManifest,
  defaults: ProvisionOptions,
): Promise<readonly OwnedManifest[]> {
  const given = typeof source === 'string' || source instanceof URL ? { file: source } : source
  const { file, yaml, ...own } = takeOptions(given, ['file', 'yaml', ...OPTIONS], 'A manifest')
  const options = { ...defaults, ...own }
  const { organisationNumber = NAV, scopePrefix = 'nav' } = options
  checkOrganisationNumber(organisationNumber, 'organisationNumber')
  if (typeof scopePrefix !== 'string' || !/^[^:\s]+$/.test(scopePrefix))
    throw new TypeError('`scopePrefix` must be text without colons')
  const name = file === undefined ? 'nais.yaml' : String(file)
  const text = yaml ?? (await readText(file))
  const variables = { ...LEFT_TO_THE_BUILD, ...(await readVariables(options)) }
  const documents = readDocuments(name, renderTemplate(text, name, variables))
  const apps = documents.flatMap((document) => readManifest(document, scopePrefix) ?? [])
  if (apps.length > 0) return apps.map((app) => ({ ...app, organisationNumber }))
  const message = 'has no Application and no Naisjob of nais.io'
  throw new ManifestError([{ file: name, line: undefined, path: '', message }])
}

async function readText(file: string | URL | undefined): Promise<string> {
  if (file === undefined) throw new TypeError('A manifest needs `file` or `yaml`')
  return readFile(file, 'utf8').catch(() => {
    throw new ManifestError([{ file: String(file), line: undefined, path: '', message: 'cannot be read' }])
  })
}
