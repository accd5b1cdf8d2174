import { refused } from '../errors/maskinporten-error.js'
import type { PreparedDemand } from './demand.js'

export interface SystemUserDemand {
  /**
   * The token must be a system user's. It does not say whom the call is about, nor what the system user may do: ask
   * Altinn's authorisation API (PDP), see {@link VerifiedToken.systemUsers}.
   */
  readonly systemUser?: 'required'
}

export const systemUser = {
  name: 'systemUser',
  prepare({ systemUser: given }: SystemUserDemand): PreparedDemand | undefined {
    if (given === undefined) return undefined
    if (given !== 'required') throw new TypeError("`systemUser` must be 'required', or left out")
    return {
      check({ token }) {
        if (token.systemUsers.length === 0) throw refused('system_user_required')
      },
      expected: () => 'a system user',
    }
  },
} as const
