/** A JSON object whose members are unchecked. */
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
 * Whether a parsed JSON value is safe to handle: nested at most 32 deep, and without a `__proto__` member, which
 * `Object.assign` would turn into the prototype of a copy (CWE-1321).
 */
export function isSafeJson(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    // A loop: `every` takes several times as long, and tokens of small lists and objects are the most expensive.
    for (const entry of value) if (!isSafeJson(entry, depth + 1)) return false
    return true
  }
  for (const name of Object.keys(value)) {
    if (name === '__proto__' || !isSafeJson((value as JsonObject)[name], depth + 1)) return false
  }
  return true
}

/** Memory, in bytes. Measured on V8 and rounded up: an object may need a description of its own shape. */
const OBJECT = 200
const MEMBER = 100
const ARRAY = 64
const ENTRY = 32
const TEXT = 24
const CHARACTER = 2

/**
 * Freezes a parsed JSON value all the way down, and returns how much memory it takes at most, in bytes. Pass only
 * values that {@link isSafeJson} accepts.
 *
 * Members are visited before their object is frozen: V8 takes three times as long to list those of a frozen one.
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
