import { organisationNumbers } from '../claims/organisation.js'
import { refused } from '../errors/maskinporten-error.js'
import type { PreparedDemand } from './prepared-demand.js'

export interface ConsumersDemand {
  /** Organisation numbers that can call. Default: every organisation that was granted the scope. */
  readonly consumers?: readonly string[]
}

/** Checks the consumer, not `client_id`, as Digdir requires. A consumer needs an organisation number. */
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
