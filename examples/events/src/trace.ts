import { trace } from '@opentelemetry/api'
import type { DecisionEvent } from '@portvakt/express'
import { fieldsOf } from './fields.js'

/** Adds an event to the span of the request, if there is a span. */
export function traceDecision(event: DecisionEvent): void {
  const fields = Object.entries(fieldsOf(event)).map(([name, value]) => [`maskinporten.${name}`, value])
  trace.getActiveSpan()?.addEvent('maskinporten.decision', Object.fromEntries(fields))
}
