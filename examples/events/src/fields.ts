import type { DecisionEvent } from '@portvakt/express'

/**
 * A decision as flat fields, for a log line or a span. Named one by one, so that a member that is added to the
 * event some day is kept only when somebody has decided so.
 */
export function fieldsOf(event: DecisionEvent): Readonly<Record<string, string | number | boolean>> {
  const { consumer, supplier } = event
  const fields = {
    allowed: event.allowed,
    verified: event.verified,
    code: event.code,
    reason: event.reason,
    required_scope: event.requiredScope,
    scopes: event.scopes?.join(' '),
    consumer: consumer && (consumer.organisationNumber ?? consumer.id),
    // Digdir demands that these two are logged.
    supplier: supplier && (supplier.organisationNumber ?? supplier.id),
    delegation_source: event.delegationSource,
    client_id: event.clientId,
    token_id: event.tokenId,
    key_id: event.keyId,
    key_failure: event.upstreamFailure,
    audience_unchecked: event.audienceUnchecked,
    duration_ms: event.duration,
  }
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return Object.fromEntries(given)
}
