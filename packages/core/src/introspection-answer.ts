import { KeyFetchError, parseJson } from './fetch-json.js'
import { isObject, isSafeJson, own } from './json.js'

/**
 * Reads Texas's answer about a token (RFC 7662 §2.2): whether the token is active. Texas writes `active` first and
 * then adds the token's claims, of which one may be named `active` too. A token passes only if both are true, and
 * such a claim never turns an answer into an outage. The claims themselves are not used.
 *
 * @throws {KeyFetchError} when the answer is not a verdict, or Texas could not check the token
 */
export function readIntrospection(text: string): boolean {
  const answer = parseJson(text)
  if (!isObject(answer) || !isSafeJson(answer)) throw new KeyFetchError('not_introspection')
  const active = own(answer, 'active')
  // JSON.parse keeps the last member of a name. Texas's own members come first.
  const [, verdict, error = 'null'] = FIRST_MEMBERS.exec(text) ?? []
  if (active === true && verdict !== 'false') return true
  if (verdict === 'true' || active === true) return false
  if (active !== false) throw new KeyFetchError('not_introspection')

  const failure = failureIn(verdict === undefined ? own(answer, 'error') : parseJson(error))
  if (failure) throw new KeyFetchError(failure)
  return false
}

/** `active`, and `error` if it is the next member. */
const FIRST_MEMBERS = /^\s*\{\s*"active"\s*:\s*(true|false)(?:\s*,\s*"error"\s*:\s*("(?:[^"\\]|\\.)*"))?/

/**
 * What Texas was missing, if it refused a token without having checked it. Only whole texts and whole prefixes
 * count: after the first colon Texas may quote the token, and an unsigned token must not choose the answer.
 *
 * @see https://github.com/nais/texas/blob/b7b2193/src/oauth/token.rs
 */
function failureIn(error: unknown): 'no_upstream' | 'not_enabled' | undefined {
  if (typeof error !== 'string') return undefined
  if (NOT_SET_UP.includes(error)) return 'not_enabled'
  if (error === BLANK_KEY_ID || KEYS_UNAVAILABLE.some((prefix) => error.startsWith(prefix)))
    return 'no_upstream'
  return undefined
}

const NOT_SET_UP = [
  "identity provider 'maskinporten' is not enabled",
  "identity provider 'maskinporten' does not support introspection",
]
const BLANK_KEY_ID = 'json web key set has key with blank key id'
const KEYS_UNAVAILABLE = ['fetch: ', 'decode json: ', 'init client: ', 'invalid public jwk: ']
