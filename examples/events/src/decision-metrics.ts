import type { DecisionEvent } from '@portvakt/express'
import { Counter, Histogram, type Registry } from 'prom-client'
import { boundedLabel } from './bounded-label.js'

/** The maximum number of consumers that have a time series of their own. */
export const MAX_CONSUMERS = 100

/**
 * Time series whose alerts fire on the first increase. They must exist from the start, with the value zero.
 */
const RARE = [
  { code: 'temporarily_unavailable', reason: 'keys_unavailable', verified: 'false' },
  { code: 'temporarily_unavailable', reason: 'introspection_unavailable', verified: 'false' },
  { code: 'access_denied', reason: 'no_guard', verified: 'false' },
] as const satisfies readonly (Pick<DecisionEvent, 'code' | 'reason'> & { verified: 'true' | 'false' })[]

/** Counts decisions. Labels contain no unverified input: the consumer is known only for a verified token. */
export function countDecisions(registry: Registry): (event: DecisionEvent) => void {
  const registers = [registry]
  const decisions = new Counter({
    name: 'maskinporten_decisions_total',
    help: 'Decisions on requests: `allowed`, or code and reason of the refusal; and whether the token was proven genuine',
    labelNames: ['code', 'reason', 'verified'],
    registers,
  })
  const refusedConsumers = new Counter({
    name: 'maskinporten_refused_consumers_total',
    help: `Refused requests with a genuine token, by consumer; after the first ${MAX_CONSUMERS}, \`other\``,
    labelNames: ['consumer'],
    registers,
  })
  const duration = new Histogram({
    name: 'maskinporten_decision_duration_seconds',
    help: 'From the header to the decision',
    buckets: [0.0001, 0.001, 0.01, 0.1, 1, 5],
    registers,
  })
  for (const labels of RARE) decisions.inc(labels, 0)
  const consumerLabel = boundedLabel(MAX_CONSUMERS)

  return ({ allowed, verified, code = 'allowed', reason = 'allowed', consumer, duration: milliseconds }) => {
    decisions.inc({ code, reason, verified: String(verified) })
    duration.observe(milliseconds / 1000)
    if (allowed || !consumer) return
    refusedConsumers.inc({ consumer: consumerLabel(consumer.organisationNumber ?? consumer.id) })
  }
}
