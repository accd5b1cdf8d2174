import type { Clock } from '@portvakt/core'
import { takeOptions } from '@portvakt/core/internal'
import type { SignatureAlgorithm, SigningKeys } from './signing-keys.js'
import { CONTENT, claimsOf, type TokenContent, takeContent } from './token-claims.js'

/** What a token says, and how it is signed. Everything left out is as Maskinporten would have it. */
export interface IssueTokenOptions extends TokenContent {
  /** More header members, or others; `undefined` takes one out. The signature is that of `algorithm` even so. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Default RS256. */
  readonly algorithm?: SignatureAlgorithm
}

export interface TokenIssuer {
  readonly issuer: string
  readonly clock: Clock
  readonly keys: SigningKeys
  readonly clientId: string
}

/**
 * Signs an access token in Maskinporten's real shape, with a header of `kid` and `alg` alone.
 *
 * @throws {TypeError} naming the option that is unknown or wrong
 */
export async function signAccessToken(from: TokenIssuer, options: IssueTokenOptions = {}): Promise<string> {
  const taken = takeTokenOptions(options, 'issueToken')
  const { algorithm = 'RS256' } = taken
  const claims = claimsOf(taken, { ...from, now: from.clock.now() })
  const header = { kid: from.keys.keyId(), alg: algorithm, ...taken.header }
  // Not with jose: it refuses to make the wrong tokens that an app should be tested with.
  const signed = `${encodePart(header)}.${encodePart(claims)}`
  return `${signed}.${from.keys.sign(signed, algorithm)}`
}

/** @throws {TypeError} naming the option that is unknown or wrong */
export function takeTokenOptions(options: IssueTokenOptions, owner: string): IssueTokenOptions {
  const taken = takeContent(options, [...CONTENT, 'header', 'algorithm'], owner)
  const { header } = taken
  return Object.assign(taken, header !== undefined && { header: takeOptions(header, 'any', '`header`') })
}

/** A header or a payload in base64url; what is undefined is left out of the JSON. */
export function encodePart(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}
