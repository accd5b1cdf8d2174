import { refused } from '../errors/maskinporten-error.js'
import type { PreparedDemand } from './prepared-demand.js'

export interface SystemUserDemand {
  /**
   * The token must have a system user. Altinn's authorisation API (PDP) decides what the system user can do,
   * and for which organisation: see {@link VerifiedToken.systemUsers}.
   */
  readonly systemUser?: 'required'
}

export const systemUser = {
  name: 'systemUser',
  prepare({ systemUser: given }: SystemUserDemand): PreparedDemand | undefined {
    if (given === undefined) return undefined
    if (given !== 'required') throw new TypeError("`systemUser` must be 'required', or left out")
    return {
      check({ token }): undefined {
        if (token.systemUsers.length === 0) throw refused('system_user_required')
      },
      expected: () => 'a system user',
    }
  },
} as const
