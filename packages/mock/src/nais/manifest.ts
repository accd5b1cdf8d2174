import { naisScopeName } from '@portvakt/core'
import { ALTINN, type MockScope } from '../mock-scope.js'
import { ManifestFields } from './manifest-fields.js'
import type { YamlDocument, YamlPath } from './yaml-document.js'

/** What a manifest says about Maskinporten. */
export interface AppManifest {
  readonly document: YamlDocument
  readonly kind: 'Application' | 'Naisjob'
  readonly name: string
  readonly namespace: string
  /** `digdir.nais.io/delete`: removing the app deletes its client for good. */
  readonly isDeletedForGood: boolean
  /** Undefined where Maskinporten is not enabled. */
  readonly maskinporten: MaskinportenSpec | undefined
}

/** `spec.maskinporten`. */
export interface MaskinportenSpec {
  readonly exposes: readonly Placed<MockScope>[]
  /** Full names. */
  readonly consumes: readonly Placed<string>[]
}

/** Something, and where the manifest says it. */
export interface Placed<T> {
  readonly value: T
  readonly path: YamlPath
}

/**
 * Reads a document; undefined when it is none of NAIS's workloads, as many files hold other resources too.
 * What is wrong is reported to the document.
 *
 * @see https://docs.nais.io/workloads/application/reference/application-spec/#maskinporten
 */
export function readManifest(document: YamlDocument, scopePrefix: string): AppManifest | undefined {
  const { value } = document
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const root = new ManifestFields(document, [], value)
  const kind = root.read('kind')
  // Others have an Application as well, Argo CD for one.
  const isOfNais = String(root.read('apiVersion')).startsWith('nais.io/')
  if ((kind !== 'Application' && kind !== 'Naisjob') || !isOfNais) return undefined
  const metadata = root.object('metadata')
  const annotations = metadata.object('annotations')
  const maskinporten = root.object('spec').object('maskinporten')
  maskinporten.refuseOthers(['enabled', 'scopes'])
  return {
    document,
    kind,
    name: metadata.text('name') ?? '',
    namespace:
      metadata.optionalText('namespace') ?? metadata.object('labels').optionalText('team') ?? 'default',
    isDeletedForGood: annotations.optionalText('digdir.nais.io/delete') === 'true',
    maskinporten: maskinporten.flag('enabled', false)
      ? readScopes(maskinporten.object('scopes'), scopePrefix)
      : undefined,
  }
}

function readScopes(scopes: ManifestFields, scopePrefix: string): MaskinportenSpec {
  scopes.refuseOthers(['exposes', 'consumes'])
  return {
    exposes: scopes.list('exposes').flatMap((exposed) => {
      const value = readExposed(exposed, scopePrefix)
      return value ? [{ value, path: exposed.path }] : []
    }),
    consumes: scopes.list('consumes').flatMap((consumed) => {
      consumed.refuseOthers(['name'])
      const value = consumed.text('name', /^[^:\s]+:\S+$/, 'the full name of a scope, prefix:subscope')
      return value === undefined ? [] : [{ value, path: [...consumed.path, 'name'] }]
    }),
  }
}

const EXPOSED = [
  'enabled',
  'name',
  'product',
  'separator',
  'atMaxAge',
  'allowedIntegrations',
  'consumers',
  'accessibleForAll',
  'delegationSource',
  'visibility',
]

/** The rules and defaults are those of NAIS's own schema. */
function readExposed(fields: ManifestFields, prefix: string): MockScope | undefined {
  fields.refuseOthers(EXPOSED)
  const product = fields.text('product', /^[a-z0-9]+$/, 'lower-case letters and digits')
  const name = fields.text(
    'name',
    /^[a-zæøå0-9]+(\/[a-zæøå0-9]+)*(:[a-zæøå0-9]+)*(\.[a-zæøå0-9]+)*$/,
    'lower-case letters and digits, with / then : then . between',
  )
  const separator = fields.optionalText('separator', /^[/:.]$/, 'one of / : .')
  const maxAge = fields.integer('atMaxAge', 30, 680) ?? 30
  const source = fields.optionalText('delegationSource', /^altinn$/, 'altinn')
  fields.optionalText('visibility', /^(public|private)$/, 'public or private')
  const consumers = fields.list('consumers').map((consumer) => {
    consumer.refuseOthers(['orgno', 'name'])
    return consumer.text('orgno', /^[0-9]{9}$/, 'an organisation number: nine digits') ?? ''
  })
  const scope = {
    enabled: fields.requiredFlag('enabled'),
    consumers: fields.flag('accessibleForAll', false) ? ('all' as const) : consumers,
    maxAge,
    allowedIntegrations: fields.texts('allowedIntegrations') ?? ['maskinporten'],
    delegationSource: source === undefined ? 'none' : ALTINN,
  }
  if (product === undefined || name === undefined) return undefined
  return { name: naisScopeName({ product, name, prefix, ...(separator && { separator }) }), ...scope }
}
