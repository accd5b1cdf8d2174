import { maskPersons } from '../claims/redact.js'
import { environmentVariables } from '../platform/environment.js'
import type { DecisionEvent, DecisionListener } from './event.js'

/**
 * Returns a listener that prints one line on standard error for each refusal, or undefined if NODE_DEBUG
 * names neither `portvakt` nor `*`. Names in NODE_DEBUG are separated by commas and case-insensitive, as in
 * Node's `util.debuglog`.
 */
export function refusalPrinter(): DecisionListener | undefined {
  const names = environmentVariables()['NODE_DEBUG']?.toLowerCase().split(',')
  if (!names?.some((name) => ['portvakt', '*'].includes(name.trim()))) return undefined
  return (event, request) => {
    // Unlike Node's `util.debuglog`, the console exists on every runtime.
    if (!event.allowed) console.error(refusalLine(event, request))
  }
}

/**
 * Describes a refusal in one line: its event, and the request's path without the query. Masks text that looks
 * like a JWT or a national identity number.
 */
export function refusalLine(event: DecisionEvent, request: unknown): string {
  const { reason, hint, claim, keyProblem, requiredScope, scopes, consumer, supplier } = event
  const details = Object.entries({
    claim,
    'key problem': keyProblem,
    required: requiredScope,
    'token has': scopes?.join(' '),
    consumer: consumer?.id,
    supplier: supplier?.id,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value || 'none'}`]))
  const found = details.length > 0 ? ` (${details.join('; ')})` : ''
  const line = `portvakt: refused${routeOf(request)}: ${reason}${found}. ${hint?.cause} ${hint?.fix}`
  return withoutSecrets(line)
}

/** Base64url that decodes to `{"…`, or three parts joined by dots, the first of which decodes to `{…`. */
const JWT = /eyJ[\w.-]*|(?<![\w-])e[w-z\d_-][\w-]{14,}\.[\w-]+\.[\w-]*/g

/** Characters that end a line, control a terminal or hide text. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Masks JWTs and national identity numbers, and first replaces control and invisible characters.
 * `maskPersons` can miss a number that has such a character between its digits, and a terminal would show
 * that number without a gap.
 */
function withoutSecrets(text: string): string {
  return maskPersons(text.replace(CONTROLS, '\u{FFFD}').replace(JWT, '***'), '***')
}

/** Longest path that is printed, in UTF-16 units. */
const MAX_PATH = 300

/**
 * Returns ` GET /path` for a framework's request, or an empty string if the request has no method or URL. In
 * Express, Fastify and Koa, `originalUrl` is the URL before routing. Hono passes a context, whose `req` is
 * the request.
 */
function routeOf(request: unknown): string {
  try {
    for (const one of [request, memberOf(request, 'req')]) {
      const method = memberOf(one, 'method')
      const url = memberOf(one, 'originalUrl') ?? memberOf(one, 'url')
      if (typeof method === 'string' && typeof url === 'string') return ` ${method} ${pathOf(url)}`
    }
  } catch {
    // Getters of the request can throw.
  }
  return ''
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/**
 * Drops the origin. Drops parameters (after `;`), query and fragment, even if their delimiters are escaped.
 */
function pathOf(url: string): string {
  const path = decoded(url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')).replace(/[?#;].*/s, '')
  // Masked before shortening: a national identity number that is cut off would not be recognised.
  const masked = withoutSecrets(path)
  return masked.length > MAX_PATH ? `${masked.slice(0, MAX_PATH)}…` : masked || '/'
}

const ESCAPES = /(?:%[\da-f]{2})+/gi

/**
 * Decodes percent escapes up to three levels deep, because escapes can hide a national identity number or the
 * start of a query.
 */
function decoded(path: string): string {
  let text = path
  for (let round = 0; round < 3; round++)
    // Masked in every round: a round can decode a `%` inside a national identity number, and the next round
    // would decode that `%` and two digits as an escape.
    text = maskPersons(text.replace(ESCAPES, decodedRun), '***')
  // An escape that remains could hide part of a national identity number.
  return text.replace(ESCAPES, '\u{FFFD}')
}

function decodedRun(escapes: string): string {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return '\u{FFFD}'
  }
}
