import { decodeJwt, decodeProtectedHeader } from 'jose'
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

/** For example `2026-11-30T01:02:00Z, in 117 s`. @param time seconds since the epoch */
export function describeTime(time: number, now: number): string {
  const date = new Date(time * 1000)
  // The time can be outside the range of a date.
  if (Number.isNaN(date.getTime())) return String(time)
  const distance = describeDuration(Math.abs(time - now))
  return `${date.toISOString().replace('.000Z', 'Z')}, ${time >= now ? `in ${distance}` : `${distance} ago`}`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** Rounds to the largest unit of which there are at least two. */
function describeDuration(seconds: number): string {
  const [unit, length] = UNITS.find(([, inSeconds]) => seconds >= 2 * inSeconds) ?? ['s', 1]
  return `${Math.round(seconds / length)} ${unit}`
}
