import type { Attempt } from './attempt.js'
import type { CheckedGrant } from './grant.js'
import type { IssuedToken } from './token-response.js'

/** Where tokens come from: Maskinporten itself, or Texas beside the application. */
export interface TokenSource {
  /**
   * Makes one attempt.
   *
   * @throws {MaskinportenClientError}
   */
  request(grant: CheckedGrant, skipCache: boolean, attempt: Attempt): Promise<IssuedToken>
}
