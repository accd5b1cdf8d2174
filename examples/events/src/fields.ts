import type { DecisionEvent } from '@portvakt/express'

/**
 * The flat fields of a decision, for a log line or a span. Each field is listed, so that new members of the
 * event are not logged by accident.
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
    // Digdir requires that supplier and delegation source are logged.
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
