import type { DecisionEvent } from '@portvakt/express'
import type { Logger } from 'pino'
import { fieldsOf } from './fields.js'

/** Logs a line for each decision, with cause and fix for a refusal. */
export function logDecisions(logger: Logger): (event: DecisionEvent) => void {
  return (event) => {
    if (event.allowed) {
      logger.info({ maskinporten: fieldsOf(event) }, 'allowed')
      return
    }
    const maskinporten = { ...fieldsOf(event), ...event.hint }
    // A refusal is normal. A request that cannot be decided is an outage on our side.
    const level = event.code === 'temporarily_unavailable' ? 'error' : 'warn'
    logger[level]({ maskinporten }, `refused: ${event.reason}`)
  }
}
