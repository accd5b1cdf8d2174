import { organisationNumbers } from '../claims/organisation.js'
import { refused } from '../errors/maskinporten-error.js'
import type { PreparedDemand } from './prepared-demand.js'

export interface ConsumersDemand {
  /** Organisation numbers of the consumers that can call. Default: every consumer with the scope. */
  readonly consumers?: readonly string[]
}

/**
 * Digdir requires a check of the consumer, not of `client_id`. A consumer without an organisation number is
 * refused.
 */
export const consumers = {
  name: 'consumers',
  prepare({ consumers: given }: ConsumersDemand): PreparedDemand | undefined {
    if (given === undefined) return undefined
    const allowed = new Set(organisationNumbers(given, 'consumers'))
    return {
      check({ token }): undefined {
        if (!allowed.has(token.consumer.organisationNumber ?? '')) throw refused('consumer_not_allowed')
      },
      expected: () => `a consumer from a list of ${allowed.size} organisation numbers`,
    }
  },
} as const
