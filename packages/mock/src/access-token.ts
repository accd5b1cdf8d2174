import type { Clock } from '@portvakt/core'
import { refuseUnknown } from './options.js'
import type { SignatureAlgorithm, SigningKeys } from './signing-keys.js'
import { CONTENT, claimsOf, type TokenContent } from './token-claims.js'

/** What a token says, and how it is signed. Everything left out is as Maskinporten would have it. */
export interface IssueTokenOptions extends TokenContent {
  /** More header members, or others; `undefined` takes one out. The signature is that of `algorithm` even so. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Default RS256. */
  readonly algorithm?: SignatureAlgorithm
}

/** Every option, which the compiler holds complete. */
export const TOKEN_OPTIONS: Record<keyof IssueTokenOptions, true> = {
  ...CONTENT,
  header: true,
  algorithm: true,
}

/** Where a token comes from. */
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
  refuseUnknown(options, TOKEN_OPTIONS, 'issueToken')
  const { algorithm = 'RS256' } = options
  const claims = claimsOf(options, { ...from, now: from.clock.now() })
  const header = { kid: from.keys.keyId(), alg: algorithm, ...options.header }
  // Not with jose: it refuses to make the wrong tokens that an app should be tested with.
  const signed = `${encodePart(header)}.${encodePart(claims)}`
  return `${signed}.${from.keys.sign(signed, algorithm)}`
}

/** A header or a payload in base64url; what is undefined is left out of the JSON. */
export function encodePart(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}
