import { HttpException } from '@nestjs/common'
import type { Denial } from '@portvakt/core'

/**
 * A refusal as an exception of NestJS, for filters and interceptors. Its headers are already on the response, so a
 * filter that only rewrites the body keeps the challenge.
 *
 * @example
 * @Catch(MaskinportenDeniedException)
 * export class RefusalLog extends BaseExceptionFilter {
 *   override catch(exception: MaskinportenDeniedException, host: ArgumentsHost) {
 *     count(exception.denial.reason)
 *     super.catch(exception, host)
 *   }
 * }
 */
export class MaskinportenDeniedException extends HttpException {
  /** The status, headers and body of the refusal, with the stable `code` and `reason`. */
  readonly denial: Denial
  /** The `extensions` of the error in a GraphQL answer, the only place there for a challenge. */
  readonly extensions: Readonly<Record<string, string | number>>

  constructor(denial: Denial) {
    super(JSON.parse(denial.body), denial.status)
    this.message = `Refused by the Maskinporten guard: ${denial.reason}`
    this.denial = denial
    const { status, code, reason, headers } = denial
    const challenge = headers['www-authenticate']
    this.extensions = Object.freeze({ status, code, reason, ...(challenge !== undefined && { challenge }) })
  }
}
