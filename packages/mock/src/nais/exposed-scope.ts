import { naisScopeName } from '@portvakt/core'
import { hasValidCheckDigit } from '@portvakt/core/internal'
import { ALTINN, type MockScope } from '../registry/scope.js'
import { INTEGRATION_TYPES, THEN } from './cluster.js'
import {
  DELEGATION_RULE,
  DELEGATION_SOURCE,
  MAX_AGE,
  ORGANISATION_NUMBER,
  PRODUCT,
  SCOPE_NAME,
  SEPARATOR,
  VISIBILITY,
} from './definitions.js'
import type { ManifestFields } from './manifest-fields.js'

const MEMBERS = [
  ...['enabled', 'name', 'product', 'separator', 'atMaxAge', 'allowedIntegrations', 'consumers'],
  ...['accessibleForAll', 'delegationSource', 'visibility'],
]

/** Reads an entry of `exposes`. The rules and defaults are those of NAIS's definitions and of digdirator. */
export function readExposed(fields: ManifestFields, prefix: string): MockScope | undefined {
  fields.refuseOthers(MEMBERS)
  const product = fields.text('product', PRODUCT)
  const name = fields.text('name', SCOPE_NAME)
  const separator = fields.optionalText('separator', SEPARATOR)
  const source = readDelegationSource(fields)
  fields.optionalText('visibility', VISIBILITY)
  const consumers = fields.list('consumers').map(readConsumer)
  const scope = {
    enabled: fields.requiredFlag('enabled'),
    consumers: fields.flag('accessibleForAll', false) ? ('all' as const) : consumers,
    maxAge: fields.integer('atMaxAge', MAX_AGE.minimum, MAX_AGE.maximum) ?? 30,
    allowedIntegrations: readIntegrations(fields),
    delegationSource: source === undefined ? 'none' : ALTINN,
  }
  if (product === undefined || name === undefined) return undefined
  const full = naisScopeName({ product, name, prefix, ...(separator && { separator }) })
  warnOfName(fields, full.slice(prefix.length + 1))
  return { name: full, ...scope }
}

function readConsumer(consumer: ManifestFields): string {
  consumer.refuseOthers(['orgno', 'name'])
  consumer.optionalText('name')
  const number = consumer.text('orgno', ORGANISATION_NUMBER)
  if (number !== undefined && !hasValidCheckDigit(number))
    consumer.warn(['orgno'], `is not an organisation number that exists: ${THEN.wrongCheckDigit}`)
  return number ?? ''
}

function readDelegationSource(fields: ManifestFields): string | undefined {
  const { isKept, text, source, date } = DELEGATION_RULE
  if (!isKept(fields.read('delegationSource'), fields.read('separator')))
    fields.report(['delegationSource'], `${text} (${source}, ${date})`)
  return fields.optionalText('delegationSource', DELEGATION_SOURCE)
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
  if (!SCOPE_NAME.pattern.test(subscope))
    fields.warn(
      ['separator'],
      `makes ${subscope} of the scope, and ${THEN.separatorOrder}; ${THEN.refusedScope}`,
    )
}
