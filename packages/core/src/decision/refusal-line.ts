import { maskPersons } from '../claims/redact.js'
import { environmentVariables } from '../platform/environment.js'
import type { DecisionEvent, DecisionListener } from './event.js'

/**
 * A listener that prints one line on standard error for each refusal. Undefined unless NODE_DEBUG names `portvakt`, so
 * that production prints nothing unless asked. As with Node's own `util.debuglog`, names are separated by commas and
 * their case does not matter; `*` names everything.
 */
export function refusalPrinter(): DecisionListener | undefined {
  const names = (environmentVariables()['NODE_DEBUG'] ?? '').toLowerCase().split(',')
  if (!names.some((name) => ['portvakt', '*'].includes(name.trim()))) return undefined
  return (event, request) => {
    // The one console of every runtime. Node's `util.debuglog` does not exist on all of them.
    if (!event.allowed) console.error(refusalLine(event, request))
  }
}

/**
 * A refusal on one line: method and path, reason, scopes, organisations and hint. It holds only what an event may hold
 * and the path. The query, anything like a JWT and every national identity number are left out of the path.
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

/** The beginning of a JWT, whatever its length: base64url of `{"`. Or three parts, of which the first begins with `{`. */
const JWT = /eyJ[\w.-]*|(?<![\w-])e[w-z\d_-][\w-]{14,}\.[\w-]+\.[\w-]*/g

/** Characters that end a line, control a terminal or hide text. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Controls go first, as one could stand within a number. */
function withoutSecrets(text: string): string {
  return maskPersons(text.replace(CONTROLS, '\u{FFFD}').replace(JWT, '***'), '***')
}

/** Longest path that is printed, in UTF-16 units. */
const MAX_PATH = 300

/**
 * ` GET /path` of a framework's request; empty where there is none. Express, Fastify and Koa keep the URL that a
 * router has shortened as `originalUrl`; Hono's context has the request as `req`.
 */
function routeOf(request: unknown): string {
  try {
    for (const one of [request, memberOf(request, 'req')]) {
      const method = memberOf(one, 'method')
      const url = memberOf(one, 'originalUrl') ?? memberOf(one, 'url')
      if (typeof method === 'string' && typeof url === 'string') return ` ${method} ${pathOf(url)}`
    }
  } catch {
    // The application's own request object. Its getters may throw.
  }
  return ''
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Drops origin, parameters and query, also of an escaped path. */
function pathOf(url: string): string {
  const [path = ''] = decoded(url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')).split(/[?#;]/)
  // Masked before it is shortened, so that no number is cut into a shorter one.
  const masked = withoutSecrets(path)
  return masked.length > MAX_PATH ? `${masked.slice(0, MAX_PATH)}…` : masked || '/'
}

const ESCAPES = /(?:%[\da-f]{2})+/gi

/** Decodes escapes, which could hide a number or the start of a query, also when they are escaped themselves. */
function decoded(path: string): string {
  let text = path
  for (let round = 0; round < 3 && text.includes('%'); round++)
    // A percent sign may separate a number, or begin an escape: both are looked at.
    text = maskPersons(text.replace(ESCAPES, decodedRun), '***')
  // What is left is no text of a path, and could stand within a number.
  return text.replace(ESCAPES, '\u{FFFD}')
}

function decodedRun(escapes: string): string {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return '\u{FFFD}'
  }
}
