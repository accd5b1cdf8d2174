/** A JSON object whose members are unchecked. */
export type JsonObject = { readonly [name: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads an own member, so that a polluted `Object.prototype` supplies nothing. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/**
 * Whether a parsed JSON value is safe to handle: at most 32 levels deep, so that recursion cannot overflow
 * the stack, and without a `__proto__` member, which `Object.assign` would make the prototype of a copy
 * (CWE-1321).
 */
export function isSafeJson(value: unknown, depth = 0): boolean {
  if (depth > 32) return false
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    // A loop, because `every` takes several times as long.
    for (const entry of value) if (!isSafeJson(entry, depth + 1)) return false
    return true
  }
  for (const name of Object.keys(value)) {
    if (name === '__proto__' || !isSafeJson((value as JsonObject)[name], depth + 1)) return false
  }
  return true
}

/** Memory in bytes, measured on V8 and rounded up. `OBJECT` includes the object's hidden class. */
const OBJECT = 200
const MEMBER = 100
const ARRAY = 64
const ENTRY = 32
const TEXT = 24
const CHARACTER = 2

/**
 * Freezes a JSON value deeply, and returns an upper bound for its memory, in bytes. Pass only values that
 * {@link isSafeJson} accepts. An object is frozen after its members, because V8 lists the members of a frozen
 * object more slowly.
 */
export function freezeJson(value: unknown): number {
  if (typeof value === 'string') return TEXT + CHARACTER * value.length
  if (typeof value !== 'object' || value === null) return 0
  let memory = 0
  if (Array.isArray(value)) {
    memory = ARRAY + ENTRY * value.length
    for (const entry of value) memory += freezeJson(entry)
  } else {
    memory = OBJECT
    for (const name of Object.keys(value)) {
      memory += MEMBER + CHARACTER * name.length + freezeJson((value as JsonObject)[name])
    }
  }
  Object.freeze(value)
  return memory
}
