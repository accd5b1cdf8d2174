import { html } from 'hono/html'
import type { Markup } from './page-document.js'

/** Shows a time in UTC. @param at milliseconds since the epoch */
export function timeElement(at: number): Markup {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, -5).replace('T', ' ')} UTC</time>`
}

const TIMES = [
  ['iat', 'Issued'],
  ['nbf', 'Valid from'],
  ['exp', 'Expires'],
] as const

/**
 * Shows the times in a token's claims, but no other claim. Does not verify the token. Shows nothing for a
 * token without readable claims.
 *
 * @param now milliseconds since the epoch, by the mock's clock
 */
export function tokenTimes(token: string, now: number): Markup | '' {
  const claims = claimsIn(token)
  const found = TIMES.filter(([claim]) => Object.hasOwn(claims, claim))
  if (found.length === 0) return ''
  const entry = ([claim, label]: (typeof TIMES)[number]) =>
    html`<dt>${label}</dt><dd>${claimTime(Reflect.get(claims, claim), now)}</dd>`
  return html`<dl>${found.map(entry)}</dl>`
}

function claimsIn(token: string): object {
  const [, part = ''] = token.split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}

/** @param seconds a NumericDate (RFC 7519 §2), or a wrong value in a bad token */
function claimTime(seconds: unknown, now: number): Markup | string {
  const at = typeof seconds === 'number' ? seconds * 1000 : Number.NaN
  if (Number.isNaN(new Date(at).getTime())) return 'not a time'
  return html`${timeElement(at)} (${distance(Math.round((at - now) / 1000))})`
}

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** Units of time in seconds. A distance is shown in the first unit that fits into it at least twice. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

function distance(seconds: number): string {
  if (seconds === 0) return 'now'
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= 2 * length)
  return unit ? FORMAT.format(Math.trunc(seconds / unit[1]), unit[0]) : FORMAT.format(seconds, 'second')
}
