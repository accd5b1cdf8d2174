import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describeTime } from './describe-time.js'
import { table } from './output.js'

export interface DecodedToken {
  readonly header: object
  readonly claims: object
}

/** Decodes a token without verifying it. Returns undefined unless the token is a JWT. */
export function decodeToken(token: string): DecodedToken | undefined {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) }
  } catch {
    return undefined
  }
}

/** The claims that are times (RFC 7519 §4.1). */
const TIMES = ['exp', 'nbf', 'iat']

/** @param now seconds since the epoch */
export function describeToken({ header, claims }: DecodedToken, now: number): string {
  const section = (title: string, members: object) => {
    const rows = Object.entries(members).map(([name, value]) => [`  ${name}`, describe(name, value, now)])
    return `${title}\n${table(rows)}`
  }
  return `${section('header', header)}\n${section('claims', claims)}`
}

function describe(name: string, value: unknown, now: number): string {
  if (TIMES.includes(name) && typeof value === 'number') return describeTime(value, now)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
