import type { VerifiedToken } from '../claims/verified-token.js'
import { applicationError, refused } from '../errors/maskinporten-error.js'
import { functionOrAbsent } from '../platform/options.js'
import type { PreparedDemand } from './prepared-demand.js'

export interface AuthorizeDemand<Request = unknown> {
  /**
   * The application's own rule, which runs after all other checks. Only `true` lets the request pass. An
   * error that the rule throws reaches the framework's error handler unchanged, except that a
   * `MaskinportenError` becomes the `cause` of a new error.
   *
   * This function has no time limit: set a timeout in it, for example with `AbortSignal.timeout`.
   */
  readonly authorize?: (token: VerifiedToken, request: Request) => boolean | Promise<boolean>
}

/** Only the result `true` lets a request pass: a rule without a `return` refuses every caller. */
export const authorize = {
  name: 'authorize',
  callsApplication: true,
  prepare<Request>({ authorize: rule }: AuthorizeDemand<Request>): PreparedDemand<Request> | undefined {
    functionOrAbsent(rule, 'authorize')
    if (rule === undefined) return undefined
    return {
      async check({ token }, { request }) {
        let answer: unknown
        try {
          answer = await rule(token, request)
        } catch (error) {
          throw applicationError(error)
        }
        if (answer !== true) throw refused('not_authorized')
      },
      expected: () => 'the application’s own rule',
    }
  },
} as const
