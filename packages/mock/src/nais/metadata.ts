import { DIGDIRATOR_PREFIX, LONGEST_APPLICATION_NAME, THEN } from './cluster.js'
import { LABEL_VALUE, NAMES, NAMESPACE, type NaisKind, type TextRule } from './definitions.js'
import type { ManifestFields } from './manifest-fields.js'

export interface Metadata {
  /** The name; empty if it is missing or invalid. */
  readonly name: string
  /** The namespace. Default: the label `team`, or `default` without that label. */
  readonly namespace: string
  readonly annotations: Readonly<Record<string, string>>
}

/** Reads the metadata of a resource by the rules of the API server. */
export function readMetadata(kind: NaisKind, metadata: ManifestFields): Metadata {
  const labels = metadata.object('labels')
  const annotations = metadata.object('annotations')
  for (const label of labels.names) labels.optionalText(label, LABEL_VALUE)
  const name = readName(metadata, 'name', NAMES[kind]) ?? ''
  if (metadata.read('name') === undefined)
    metadata.report(['name'], `is missing: it must be ${NAMES[kind].text}`)
  if (kind === 'Application' && name.length > LONGEST_APPLICATION_NAME) metadata.warn(['name'], THEN.longName)
  const team = labels.read('team')
  return {
    name,
    namespace: readName(metadata, 'namespace', NAMESPACE) || (typeof team === 'string' && team) || 'default',
    annotations: readAnnotations(annotations, kind),
  }
}

/** Reads a name. Reports an invalid name together with the closest valid name. */
function readName(metadata: ManifestFields, member: string, rule: TextRule): string | undefined {
  const value = metadata.read(member)
  const closest = typeof value === 'string' ? value.toLowerCase().replaceAll(/[_\s]/g, '-') : ''
  const advice = rule.pattern.test(closest) ? `: write ${closest}` : ''
  return metadata.optionalText(member, { ...rule, text: `${rule.text}${advice}` })
}

function readAnnotations(annotations: ManifestFields, kind: NaisKind): Readonly<Record<string, string>> {
  const isOfDigdirator = (name: string) => name.startsWith(DIGDIRATOR_PREFIX)
  const texts = annotations.names.flatMap((name) => {
    const value = annotations.read(name)
    if (kind !== 'MaskinportenClient' && isOfDigdirator(name) && typeof value === 'string')
      annotations.warn([name], noEffect(kind, name, value))
    if (typeof value !== 'boolean') {
      const text = annotations.optionalText(name)
      return text === undefined ? [] : [[name, text] as const]
    }
    annotations.report([name], `must be text, in quotes: "${value}"`)
    return []
  })
  return Object.fromEntries(texts)
}

function noEffect(kind: NaisKind, name: string, value: string): string {
  const command = `kubectl annotate maskinportenclient <name> ${name}=${value}`
  return `has no effect on the ${kind}, as NAIS does not copy it: annotate the MaskinportenClient (${command})`
}
