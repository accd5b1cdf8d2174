/** Depth to which a chain of causes is followed: undici's is two deep, and a hostile one may be a circle. */
const MAX_DEPTH = 5

/**
 * A system's or a library's code, such as ECONNREFUSED, UND_ERR_SOCKET or CERT_HAS_EXPIRED. Four digits in a
 * row are not accepted: they could be part of a person's number.
 */
const CODE = /^(?!.*[0-9]{4})[A-Z][A-Z0-9]{1,15}(?:_[A-Z0-9]{1,16}){0,6}$/

/** The name of an error class, such as TypeError or AccessDeniedException. */
const NAME = /^[A-Za-z]{0,40}(?:Error|Exception)$/

/**
 * The name and the system code of a foreign error, as a new error that is safe to log. The code is the first
 * one in the error, its causes and the errors that it aggregates. Message, members and stack are left out: they
 * may quote the request, and with it a token or an assertion.
 *
 * @returns a new error, whose message is the code
 * @example
 * try {
 *   await fetch('https://api.example.no/', { headers: { authorization: `Bearer ${token}` } })
 * } catch (error) {
 *   throw new Error('The API cannot be reached', { cause: safeCause(error) })
 * }
 */
export function safeCause(thrown: unknown): Error & { readonly code?: string } {
  const code = codeIn(thrown)
  const cause = new Error(code ?? 'An error without a system code')
  const name = memberOf(thrown, 'name')
  if (typeof name === 'string' && NAME.test(name)) {
    Object.defineProperty(cause, 'name', { value: name, configurable: true, writable: true })
  }
  return code === undefined ? cause : Object.assign(cause, { code })
}

function codeIn(thrown: unknown, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return undefined
  const code = memberOf(thrown, 'code')
  if (typeof code === 'string' && CODE.test(code)) return code
  const first = memberOf(memberOf(thrown, 'errors'), '0')
  return codeIn(memberOf(thrown, 'cause'), depth + 1) ?? codeIn(first, depth + 1)
}

/** Undefined where the member, or a getter or proxy in its way, throws. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    return undefined
  }
}
