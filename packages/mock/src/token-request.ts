import { JWT_BEARER } from './endpoints.js'
import { GrantError } from './grant-error.js'

/**
 * The assertion in a token request.
 *
 * @throws {GrantError} MP-011, when the request is not the form that RFC 7523 §2.1 describes
 */
export async function assertionIn(request: Request): Promise<string> {
  const [mediaType] = (request.headers.get('content-type') ?? '').split(';')
  // Media types are compared without regard to case, RFC 9110 §8.3.1.
  if (mediaType?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new GrantError('MP-011', 'The request must be application/x-www-form-urlencoded.')
  }
  const form = new URLSearchParams(await request.text())
  if (form.get('grant_type') !== JWT_BEARER)
    throw new GrantError('MP-011', `\`grant_type\` must be ${JWT_BEARER}.`)
  const assertion = form.get('assertion')
  if (!assertion) throw new GrantError('MP-011', '`assertion` is missing.')
  return assertion
}
