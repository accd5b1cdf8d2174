import { HttpException } from '@nestjs/common'
import type { Denial } from '@portvakt/core'

/**
 * A refusal as a NestJS exception, for filters and interceptors. The headers of the refusal are already set
 * on the response, so a filter that only rewrites the body keeps the challenge.
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
  /** Status, headers and body, with the stable `code` and `reason`. */
  readonly denial: Denial
  /** The `extensions` of a GraphQL error, which has no other place for the challenge. */
  readonly extensions: Readonly<Record<string, string | number>>

  constructor(denial: Denial) {
    super(JSON.parse(denial.body), denial.status)
    this.message = `Refused by the Maskinporten guard: ${denial.reason}`
    this.denial = denial
    const { status, code, reason } = denial
    const challenge = denial.headers['www-authenticate']
    this.extensions = Object.freeze({ status, code, reason, ...(challenge !== undefined && { challenge }) })
  }
}
