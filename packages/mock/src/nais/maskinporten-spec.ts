import { naisScopeName } from '@portvakt/core'
import { hasValidCheckDigit } from '@portvakt/core/internal'
import { ALTINN, type MockScope } from '../registry/scope.js'
import { INTEGRATION_TYPES, THEN } from './cluster.js'
import * as rules from './definitions.js'
import type { ManifestFields } from './manifest-fields.js'
import type { YamlPath } from './yaml-document.js'

export interface MaskinportenSpec {
  readonly exposes: readonly Placed<MockScope>[]
  /** Full names of the consumed scopes. */
  readonly consumes: readonly Placed<string>[]
}

export interface Placed<T> {
  readonly value: T
  readonly path: YamlPath
}

/**
 * Reads `spec.maskinporten`. Returns undefined if this section is missing or disabled. A disabled section is
 * still checked, as on the API server.
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
  const seen = new Set<string>()
  return scopes.list('exposes').flatMap((fields) => {
    const value = readExposed(fields, scopePrefix)
    if (!value) return []
    if (seen.has(value.name)) fields.warn([], `exposes ${value.name} again: ${THEN.sameScope}`)
    seen.add(value.name)
    return [{ value, path: fields.path }]
  })
}

/**
 * A consumed scope. The API server accepts any text, but digdirator drops invalid scopes, so invalid scopes
 * are refused here.
 */
const CONSUMED = {
  pattern: /^[^:\s]+:\S+$/,
  text: 'the full name of one scope, prefix:subscope (NAIS accepts other texts but drops them from the client)',
}

function readConsumes(scopes: ManifestFields): readonly Placed<string>[] {
  return scopes.list('consumes').flatMap((consumed) => {
    consumed.refuseOthers(['name'])
    const value = consumed.text('name', CONSUMED)
    if (value === undefined) return []
    // The characters of `scope-token` (RFC 6749 §3.3).
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))
      consumed.warn(['name'], `has a character beyond printable ASCII, a " or a \\: ${THEN.notAScope}`)
    return [{ value, path: [...consumed.path, 'name'] }]
  })
}

const EXPOSED_MEMBERS = [
  ...['enabled', 'name', 'product', 'separator', 'atMaxAge', 'allowedIntegrations', 'consumers'],
  ...['accessibleForAll', 'delegationSource', 'visibility'],
]

/** Reads an exposed scope. The rules and defaults are those of NAIS's definitions and of digdirator. */
function readExposed(fields: ManifestFields, prefix: string): MockScope | undefined {
  fields.refuseOthers(EXPOSED_MEMBERS)
  const product = fields.text('product', rules.PRODUCT)
  const name = fields.text('name', rules.SCOPE_NAME)
  const separator = fields.optionalText('separator', rules.SEPARATOR)
  const source = readDelegationSource(fields)
  fields.optionalText('visibility', rules.VISIBILITY)
  const consumers = fields.list('consumers').map(readConsumer)
  const scope = {
    enabled: fields.requiredFlag('enabled'),
    consumers: fields.flag('accessibleForAll', false) ? ('all' as const) : consumers,
    maxAge: fields.integer('atMaxAge', rules.MAX_AGE.minimum, rules.MAX_AGE.maximum) ?? 30,
    allowedIntegrations: readIntegrations(fields),
    delegationSource: source === undefined ? 'none' : ALTINN,
  }
  if (product === undefined || name === undefined) return undefined
  const full = naisScopeName({ product, name, prefix, ...(separator && { separator }) })
  const [first = '', rest] = name.split(/[/:]/)
  if (rest !== undefined && [prefix, product].includes(first))
    fields.warn(
      ['name'],
      `makes the scope ${full}: leave prefix and product out of the name, because NAIS adds them`,
    )
  warnOfName(fields, full.slice(prefix.length + 1))
  return { name: full, ...scope }
}

function readConsumer(consumer: ManifestFields): string {
  consumer.refuseOthers(['orgno', 'name'])
  consumer.optionalText('name')
  const number = consumer.text('orgno', rules.ORGANISATION_NUMBER)
  if (number !== undefined && !hasValidCheckDigit(number))
    consumer.warn(['orgno'], `is not an existing organisation number: ${THEN.wrongCheckDigit}`)
  return number ?? ''
}

function readDelegationSource(fields: ManifestFields): string | undefined {
  const { isKept, text, source, date } = rules.DELEGATION_RULE
  if (!isKept(fields.read('delegationSource'), fields.read('separator')))
    fields.report(['delegationSource'], `${text} (${source}, ${date})`)
  return fields.optionalText('delegationSource', rules.DELEGATION_SOURCE)
}

function readIntegrations(fields: ManifestFields): readonly string[] {
  const types = fields.texts('allowedIntegrations') ?? ['maskinporten']
  for (const [index, type] of types.entries()) {
    if (INTEGRATION_TYPES.includes(type)) continue
    const known = `Digdir’s types are ${INTEGRATION_TYPES.join(', ')}`
    fields.warn(['allowedIntegrations', index], `is "${type}". ${known}; ${THEN.refusedScope}`)
  }
  if (types.length > 0 && !types.includes('maskinporten'))
    fields.warn(['allowedIntegrations'], THEN.withoutMaskinporten)
  return types
}

/** @param subscope product, separator and name */
function warnOfName(fields: ManifestFields, subscope: string): void {
  if (/[æøå]/.test(subscope)) fields.warn(['name'], `has æ, ø or å: ${THEN.notAScope}`)
  if (rules.SCOPE_NAME.pattern.test(subscope)) return
  fields.warn(['separator'], `makes the scope ${subscope}: ${THEN.separatorOrder}; ${THEN.refusedScope}`)
}
