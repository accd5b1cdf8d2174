import type { Attempt } from './attempt.js'
import type { PreparedTokenRequest } from './token-request.js'
import type { IssuedToken } from './token-response.js'

/** A source of tokens: Maskinporten itself, or Texas. */
export interface TokenSource {
  /**
   * Makes one attempt.
   *
   * @throws {MaskinportenClientError}
   */
  request(tokenRequest: PreparedTokenRequest, skipCache: boolean, attempt: Attempt): Promise<IssuedToken>
}
