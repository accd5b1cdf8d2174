import {
  createMaskinportenValidator,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { countDecisions } from './decision-metrics.js'
import { measureKeys } from './key-metrics.js'
import { logDecisions } from './log.js'
import { traceDecision } from './trace.js'

/** A validator whose decisions are logged, counted and traced. */
export function createWatchedValidator(
  logger: Logger,
  registry: Registry,
  options: Omit<MaskinportenValidatorOptions, 'onDecision'> = {},
): MaskinportenValidator {
  const listeners = [logDecisions(logger), countDecisions(registry), traceDecision]
  const validator = createMaskinportenValidator({
    ...options,
    onDecision: (event) => {
      for (const tell of listeners) tell(event)
    },
  })
  measureKeys(registry, validator)
  return validator
}
