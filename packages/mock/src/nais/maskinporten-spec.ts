import type { MockScope } from '../registry/scope.js'
import { THEN } from './cluster.js'
import { readExposed } from './exposed-scope.js'
import type { ManifestFields } from './manifest-fields.js'
import type { YamlPath } from './yaml-document.js'

/** `spec.maskinporten`. */
export interface MaskinportenSpec {
  readonly exposes: readonly Placed<MockScope>[]
  /** Full names. */
  readonly consumes: readonly Placed<string>[]
}

/** A value of the manifest, and its path there. */
export interface Placed<T> {
  readonly value: T
  readonly path: YamlPath
}

/**
 * Reads `spec.maskinporten`; undefined where it is missing or not enabled. The rules hold in either case, as those of
 * the API server do.
 *
 * @see https://docs.nais.io/workloads/application/reference/application-spec/#maskinporten
 */
export function readMaskinporten(spec: ManifestFields, scopePrefix: string): MaskinportenSpec | undefined {
  if (spec.read('maskinporten') === undefined) {
    spec.warn([], 'has no `maskinporten`: the app gets no client and exposes no scopes')
    return undefined
  }
  const maskinporten = spec.object('maskinporten')
  maskinporten.refuseOthers(['enabled', 'scopes'])
  const scopes = maskinporten.object('scopes')
  scopes.refuseOthers(['exposes', 'consumes'])
  const read = { exposes: readExposes(scopes, scopePrefix), consumes: readConsumes(scopes) }
  return maskinporten.requiredFlag('enabled') ? read : undefined
}

function readExposes(scopes: ManifestFields, scopePrefix: string): readonly Placed<MockScope>[] {
  const exposed = scopes.list('exposes').flatMap((fields) => {
    const value = readExposed(fields, scopePrefix)
    return value ? [{ value, path: fields.path, fields }] : []
  })
  const seen = new Set<string>()
  for (const { value, fields } of exposed) {
    if (seen.has(value.name)) fields.warn([], `exposes ${value.name} again: ${THEN.sameScope}`)
    seen.add(value.name)
  }
  return exposed.map(({ value, path }) => ({ value, path }))
}

/** The API server takes any text. What is not a scope is refused here, as digdirator leaves it off the client. */
const CONSUMED = {
  pattern: /^[^:\s]+:\S+$/,
  text: 'the full name of one scope, prefix:subscope (NAIS takes other texts and leaves them off the client)',
}

function readConsumes(scopes: ManifestFields): readonly Placed<string>[] {
  return scopes.list('consumes').flatMap((consumed) => {
    consumed.refuseOthers(['name'])
    const value = consumed.text('name', CONSUMED)
    if (value === undefined) return []
    // RFC 6749 §3.3, scope-token.
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))
      consumed.warn(['name'], `has a character beyond printable ASCII, a " or a \\: ${THEN.notAScope}`)
    return [{ value, path: [...consumed.path, 'name'] }]
  })
}
