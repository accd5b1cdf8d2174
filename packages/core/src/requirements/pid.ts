import { applicationError, refused } from '../errors/maskinporten-error.js'
import { functionOrAbsent, isUnwantedPromise } from '../platform/options.js'
import type { PreparedDemand } from './prepared-demand.js'

export interface PidDemand<Request = unknown> {
  /**
   * Returns the eleven-digit identity number of the person that the call is about. The call is refused if the
   * token is not restricted to that person, or if the function returns undefined. An error that the function
   * throws reaches the framework's error handler. The function must be synchronous, and blocks all other
   * requests while it runs.
   */
  readonly pid?: (request: Request) => string | undefined
}

/** @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_pid_restricted_tokens */
export const pid = {
  name: 'pid',
  callsApplication: true,
  prepare<Request>({ pid: subjectOf }: PidDemand<Request>): PreparedDemand<Request> | undefined {
    functionOrAbsent(subjectOf, 'pid')
    if (subjectOf === undefined) return undefined
    return {
      check({ token }, { request }): undefined {
        if (token.pid === undefined) throw refused('pid_required')
        let subject: unknown
        try {
          subject = subjectOf(request)
        } catch (error) {
          throw applicationError(error)
        }
        if (isUnwantedPromise(subject) || (subject !== undefined && typeof subject !== 'string')) {
          throw new TypeError('The `pid` function of a requirement must return a string or undefined')
        }
        if (subject !== token.pid) throw refused('pid_mismatch')
      },
      expected: () => 'restricted to the person that the request is about',
    }
  },
} as const
