/** A JSON object whose members nobody has checked yet. */
export type JsonObject = { readonly [name: string]: unknown }

/** True for what `{…}` parses to: not an array, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a member that the object itself has: a polluted `Object.prototype` supplies nothing. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** Deeper nesting than any token has; a bound that keeps every later walk, copy and `JSON.stringify` safe. */
const MAX_DEPTH = 32

/**
 * Freezes a parsed JSON value all the way down. Returns false, with the value in an unspecified state, when
 * it nests too deeply or has a `__proto__` member, which would be inherited from once somebody copies the
 * object with `Object.assign` (CWE-1321).
 */
export function freezeJson(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof value !== 'object' || value === null) return true
  if (Object.hasOwn(value, '__proto__')) return false
  Object.freeze(value)
  return Object.values(value).every((member) => freezeJson(member, depth + 1))
}
