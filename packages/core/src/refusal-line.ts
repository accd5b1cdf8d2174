import type { DecisionEvent, DecisionListener } from './decision.js'
import { environmentVariables } from './process-env.js'

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
  const { reason, advice, claim, keyProblem, requiredScope, scopes, consumer, supplier } = event
  const details = Object.entries({
    claim,
    'key problem': keyProblem,
    required: requiredScope,
    'token has': scopes?.join(' '),
    consumer: consumer?.id,
    supplier: supplier?.id,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value || 'none'}`]))
  const found = details.length > 0 ? ` (${details.join('; ')})` : ''
  const line = `portvakt: refused${routeOf(request)}: ${reason}${found}. ${advice?.meaning} ${advice?.remedy}`
  return line.replace(JWT, '***').replace(PERSON, '***').replace(CONTROLS, '\u{FFFD}')
}

/** The beginning of a JWT, whatever its length: base64url of `{"`. */
const JWT = /eyJ[\w.-]*/g

/** A national identity number: eleven digits, also with a separator after the date of birth. */
const PERSON = /\d{11,}|(?<!\d)\d{6}[ +._-]\d{5}(?!\d)/g

/** Characters that end a line, control a terminal or hide text. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

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

/** Decodes ASCII escapes, which could hide a number or the start of a query, and drops origin, parameters and query. */
function pathOf(url: string): string {
  const [path = ''] = url
    .replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
    .replace(/%([0-7][\da-f])/gi, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .split(/[?#;]/)
  // Masked before it is shortened, so that no number is cut into a shorter one.
  const masked = path.replace(JWT, '***').replace(PERSON, '***')
  return masked.length > MAX_PATH ? `${masked.slice(0, MAX_PATH)}…` : masked || '/'
}
