import type { DecisionEvent } from '@portvakt/express'
import type { Logger } from 'pino'
import { fieldsOf } from './fields.js'

/** A line for each decision; a refusal's says what it means and what to do. */
export function logDecisions(logger: Logger): (event: DecisionEvent) => void {
  return (event) => {
    if (event.allowed) {
      logger.info({ maskinporten: fieldsOf(event) }, 'let in')
      return
    }
    const maskinporten = { ...fieldsOf(event), ...event.hint }
    // A refused caller is daily life; one whom we cannot judge is our outage.
    const level = event.code === 'temporarily_unavailable' ? 'error' : 'warn'
    logger[level]({ maskinporten }, `refused: ${event.reason}`)
  }
}
