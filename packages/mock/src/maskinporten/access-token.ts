import type { Clock } from '@portvakt/core'
import { takeOptions } from '@portvakt/core/internal'
import type { SignatureAlgorithm, SigningKeys } from './signing-keys.js'
import { CONTENT, claimsOf, type TokenContent, takeContent } from './token-claims.js'

/** The content and the signature of a token. The defaults are Maskinporten's. */
export interface IssueTokenOptions extends TokenContent {
  /**
   * Header members to add or replace; `undefined` removes a member. `algorithm` determines the signature even
   * if `header` contains another `alg`.
   */
  readonly header?: Readonly<Record<string, unknown>>
  /** The signature algorithm. Default RS256. */
  readonly algorithm?: SignatureAlgorithm
}

export interface TokenIssuer {
  readonly issuer: string
  readonly clock: Clock
  readonly keys: SigningKeys
  readonly clientId: string
}

/**
 * Signs an access token in Maskinporten's format, whose header has only `kid` and `alg`.
 *
 * @throws {TypeError} naming the wrong option
 */
export async function signAccessToken(from: TokenIssuer, options: IssueTokenOptions = {}): Promise<string> {
  const taken = takeTokenOptions(options, 'issueToken')
  const { algorithm = 'RS256' } = taken
  const claims = claimsOf(taken, { ...from, now: from.clock.now() })
  const header = { kid: from.keys.keyId(), alg: algorithm, ...taken.header }
  // The token is built without jose, because jose refuses to make the bad tokens that tests need.
  const signed = `${encodePart(header)}.${encodePart(claims)}`
  return `${signed}.${from.keys.sign(signed, algorithm)}`
}

/** @throws {TypeError} naming the wrong option */
export function takeTokenOptions(options: IssueTokenOptions, owner: string): IssueTokenOptions {
  const taken = takeContent(options, [...CONTENT, 'header', 'algorithm'], owner)
  const { header } = taken
  return Object.assign(taken, header !== undefined && { header: takeOptions(header, 'any', '`header`') })
}

export function encodePart(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}
