import { trace } from '@opentelemetry/api'
import type { DecisionEvent } from '@portvakt/express'
import { fieldsOf } from './fields.js'

/** An event on the span of the request, where there is one. */
export function traceDecision(event: DecisionEvent): void {
  const fields = Object.entries(fieldsOf(event)).map(([name, value]) => [`maskinporten.${name}`, value])
  trace.getActiveSpan()?.addEvent('maskinporten.decision', Object.fromEntries(fields))
}
