import { TEXAS_PORTS, THEN } from './cluster.js'
import { API_VERSIONS, type NaisKind } from './definitions.js'
import { ManifestFields } from './manifest-fields.js'
import { type MaskinportenSpec, readMaskinporten } from './maskinporten-spec.js'
import { type Metadata, readMetadata } from './metadata.js'
import type { YamlDocument } from './yaml-document.js'

export interface AppManifest extends Metadata {
  readonly document: YamlDocument
  readonly kind: 'Application' | 'Naisjob'
  /** Undefined if Maskinporten is not enabled. */
  readonly maskinporten: MaskinportenSpec | undefined
}

/** A MaskinportenClient in the same file as its app. Only its annotations are used. */
export interface ClientManifest extends Metadata {
  readonly document: YamlDocument
  readonly kind: 'MaskinportenClient'
}

/**
 * Reads an app or a MaskinportenClient. Returns undefined for other resources. Checks only the members that
 * concern Maskinporten, and reports problems to the document.
 */
export function readResource(
  document: YamlDocument,
  scopePrefix: string,
): AppManifest | ClientManifest | undefined {
  const { value } = document
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const root = new ManifestFields(document, [], value)
  const kind = readKind(root)
  if (kind === undefined) return undefined
  const metadata = root.object('metadata')
  const identity = readMetadata(kind, metadata)
  if (kind === 'MaskinportenClient') return { document, kind, ...identity }
  if (root.read('spec') === undefined)
    root.report(['spec'], 'is missing: write `spec:` with the members of the app')
  const spec = root.object('spec')
  reportMisplaced([root, metadata], spec)
  if (kind === 'Application') checkPort(spec)
  return { document, kind, ...identity, maskinporten: readMaskinporten(spec, scopePrefix) }
}

const KINDS: readonly NaisKind[] = ['Application', 'Naisjob', 'MaskinportenClient']

/**
 * Reads the kind of a resource. Returns undefined for other kinds of nais.io, and for an Application of
 * another API group, such as Argo CD's.
 */
function readKind(root: ManifestFields): NaisKind | undefined {
  const [kind, version] = [root.read('kind'), root.read('apiVersion')]
  if (kind === undefined || version === undefined) return readFragment(root, kind, version)
  if (typeof kind !== 'string' || typeof version !== 'string' || !/^nais\.io(?:\/|$)/.test(version))
    return undefined
  const meant = KINDS.find((known) => isNear(kind, known))
  if (meant === undefined) return undefined
  if (kind !== meant) root.report(['kind'], `is ${kind}, which the cluster does not have: write ${meant}`)
  else if (version !== API_VERSIONS[kind])
    root.report(['apiVersion'], `is ${version}, which has no ${kind}: write ${API_VERSIONS[kind]}`)
  return meant
}

/**
 * Reports a missing kind or version, unless the document is clearly not an app. A document is not an app if
 * its kind or version is not one of NAIS's, or if it has none of kind, version, `spec` and `maskinporten`.
 */
function readFragment(root: ManifestFields, kind: unknown, version: unknown): NaisKind | undefined {
  const meant = KINDS.find((known) => typeof kind === 'string' && isNear(kind, known))
  const isOfNais = typeof version === 'string' && /^nais\.io(?:\/|$)/.test(version)
  const hasApp = root.names.some((name) => name === 'spec' || isNear(name, 'maskinporten'))
  if (kind !== undefined ? !meant : version !== undefined ? !isOfNais : !hasApp) return undefined
  if (version === undefined) {
    const versions = meant
      ? API_VERSIONS[meant]
      : `${API_VERSIONS.Application}, or ${API_VERSIONS.Naisjob} for a Naisjob`
    root.report(['apiVersion'], `is missing: write ${versions}`)
  }
  if (kind === undefined) root.report(['kind'], 'is missing: write Application, or Naisjob for a job')
  return meant
}

/** Reports `maskinporten` in the wrong place, and misspellings of `maskinporten`. */
function reportMisplaced(others: readonly ManifestFields[], spec: ManifestFields): void {
  for (const fields of [...others, spec]) {
    for (const name of fields.names) {
      if (!isNear(name, 'maskinporten') || (fields === spec && name === 'maskinporten')) continue
      fields.report([name], 'is not known here: did you mean `spec.maskinporten`?')
    }
  }
}

function checkPort(spec: ManifestFields): void {
  const port = spec.read('port')
  if (port !== undefined && !Number.isInteger(port))
    spec.report(['port'], 'must be a whole number, without quotes')
  if (TEXAS_PORTS.includes(port)) spec.warn(['port'], `${port} ${THEN.port}`)
}

/** Whether the Levenshtein distance between two words, ignoring case, is at most two. */
function isNear(word: string, other: string): boolean {
  const [from, to] = [word.toLowerCase(), other.toLowerCase()]
  // The distance is at least the difference in length. Comparing the lengths first keeps long words cheap.
  return Math.abs(from.length - to.length) <= 2 && distanceOf(from, to) <= 2
}

/** Returns the Levenshtein distance. */
function distanceOf(from: string, to: string): number {
  let previous = [...to, ''].map((_letter, index) => index)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const [replaced = 0, removed = 0] = previous.slice(column)
      const inserted = current[column] ?? 0
      current.push(Math.min(replaced + (letter === other ? 0 : 1), removed + 1, inserted + 1))
    }
    previous = current
  }
  return previous.at(-1) ?? 0
}
