/** A system code such as ECONNREFUSED. Rejects four digits in a row, which a national identity number has. */
const CODE = /^(?!.*[0-9]{4})[A-Z][A-Z0-9]{1,15}(?:_[A-Z0-9]{1,16}){0,6}$/

/** The name of an error, such as TypeError or AccessDeniedException. */
const NAME = /^[A-Za-z]{0,40}(?:Error|Exception)$/

/**
 * Copies the name and the system code of an error into a new error that is safe to log. The code is the first
 * that is found in the error, its causes and the first of its aggregated errors. The message, stack and other
 * members of the error are dropped, because they can quote the request, and with it a token or an assertion.
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
  // A chain of causes can be circular. undici's chains are two errors deep.
  if (depth > 5) return undefined
  const code = memberOf(thrown, 'code')
  if (typeof code === 'string' && CODE.test(code)) return code
  const first = memberOf(memberOf(thrown, 'errors'), '0')
  return codeIn(memberOf(thrown, 'cause'), depth + 1) ?? codeIn(first, depth + 1)
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    // A getter or a proxy threw.
  }
  return undefined
}
