import { isObject, type JsonObject, own } from '../platform/json.js'

/**
 * Returns alternatives that each demand one entry of `security` and one entry of `added`. An empty or missing
 * `security` demands nothing. If both entries name the same scheme, the scopes of both entries are required.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object
 */
export function combined(security: unknown, added: readonly JsonObject[]): readonly JsonObject[] {
  const given: readonly unknown[] = Array.isArray(security) && security.length > 0 ? security : [{}]
  const all = given.filter(isObject).flatMap((one) => added.map((other) => both(one, other)))
  // Drops an alternative that contains another alternative. Of equal alternatives, keeps the first.
  return all.reduce<readonly JsonObject[]>((kept, one) => {
    if (kept.some((other) => includes(one, other))) return kept
    return [...kept.filter((other) => !includes(other, one)), one]
  }, [])
}

function both(one: JsonObject, other: JsonObject): JsonObject {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    names.map((name) => [name, [...new Set([...scopesIn(one, name), ...scopesIn(other, name)])]]),
  )
}

/** Whether a request that satisfies `one` also satisfies `other`. */
function includes(one: JsonObject, other: JsonObject): boolean {
  return Object.keys(other).every(
    (name) =>
      Object.hasOwn(one, name) && scopesIn(other, name).every((scope) => scopesIn(one, name).includes(scope)),
  )
}

function scopesIn(requirement: JsonObject, name: string): readonly unknown[] {
  const scopes = own(requirement, name)
  return Array.isArray(scopes) ? scopes : []
}
