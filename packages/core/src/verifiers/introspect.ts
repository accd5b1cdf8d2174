import { getStatus, post } from '#post-json'
import { MaskinportenError } from '../errors/maskinporten-error.js'
import {
  decodeUtf8,
  type Fetch,
  fetchText,
  MAX_BYTES,
  parseJson,
  UpstreamError,
} from '../platform/fetch-json.js'
import { isObject, isSafeJson, own } from '../platform/json.js'

export interface IntrospectionEndpoint {
  readonly endpoint: string
  /** Undefined means `node:http` on Node, and the global `fetch` elsewhere. */
  readonly fetch: Fetch | undefined
}

/**
 * Returns whether Texas says that a token is active.
 *
 * @param inBackground true when the answer is not awaited
 * @throws {UpstreamError} when Texas cannot be reached, or cannot check the token
 */
export async function introspect(
  token: string,
  { endpoint: url, fetch }: IntrospectionEndpoint,
  signal: AbortSignal,
  inBackground: boolean,
): Promise<boolean> {
  const body = JSON.stringify({ identity_provider: 'maskinporten', token })
  if (post && !fetch) {
    const answer = await post({ url, body, signal, maxBytes: MAX_BYTES, keepAlive: true, inBackground })
    return readIntrospection(textIn(answer))
  }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  return readIntrospection(await fetchText(url, fetch, signal, init))
}

/** Returns the status of a GET, which Texas answers at once, even during an introspection. */
export async function statusOfGet(
  { endpoint: url, fetch }: IntrospectionEndpoint,
  signal: AbortSignal,
  inBackground: boolean,
): Promise<number> {
  if (getStatus && !fetch) return getStatus({ url, signal, inBackground })
  const response = await (fetch ?? globalThis.fetch)(url, { redirect: 'manual', signal })
  response.body?.cancel().catch(() => undefined)
  return response.status
}

function textIn({ status, encoding, body }: Awaited<ReturnType<NonNullable<typeof post>>>): string {
  if (status !== 200)
    throw new UpstreamError(Math.trunc(status / 100) === 3 ? 'redirected' : 'bad_status', { status })
  if (body === undefined) throw new UpstreamError('too_large')
  // The request did not ask for a content encoding, so an encoded body is not decoded.
  if (encoding !== undefined) throw new UpstreamError('not_json')
  return decodeUtf8(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), body)
}

/**
 * Whether Texas's answer says that the token is active (RFC 7662 §2.2). Texas writes its own `active` first
 * and then the token's claims, one of which can also be named `active`. A token passes only if the last member
 * of that name is true, and the answer does not begin with a false one. A claim of that name can cause a
 * refusal, but never an outage. Other claims are not used.
 */
function readIntrospection(text: string): boolean {
  const answer = parseJson(text)
  if (!isObject(answer) || !isSafeJson(answer)) throw new UpstreamError('not_introspection')
  const active = own(answer, 'active')
  // JSON.parse keeps the last of two members with the same name. Texas's own members come first in the text.
  const [, verdict, error = 'null'] = FIRST_MEMBERS.exec(text) ?? []
  if (active === true && verdict !== 'false') return true
  if (verdict === 'true' || active === true) return false
  if (active !== false) throw new UpstreamError('not_introspection')

  const failure = failureIn(verdict === undefined ? own(answer, 'error') : parseJson(error))
  if (failure) throw new UpstreamError(failure)
  return false
}

/** The first member `active`, and `error` if that is the next member. */
const FIRST_MEMBERS = /^\s*\{\s*"active"\s*:\s*(true|false)(?:\s*,\s*"error"\s*:\s*("(?:[^"\\]|\\.)*"))?/

/**
 * Returns the failure if Texas could not check the token, and undefined if the error means anything else.
 * Compares either the whole error or its start up to the first colon with known texts. After that colon,
 * Texas can quote the token, whose content must not affect the result.
 *
 * @see https://github.com/nais/texas/blob/b7b2193/src/oauth/token.rs
 */
function failureIn(error: unknown): 'no_upstream' | 'not_enabled' | undefined {
  if (typeof error !== 'string') return undefined
  if (NOT_SET_UP.includes(error)) return 'not_enabled'
  const isUnavailable = error === BLANK_KEY_ID || KEYS_UNAVAILABLE.some((prefix) => error.startsWith(prefix))
  return isUnavailable ? 'no_upstream' : undefined
}

const NOT_SET_UP = [
  "identity provider 'maskinporten' is not enabled",
  "identity provider 'maskinporten' does not support introspection",
]
const BLANK_KEY_ID = 'json web key set has key with blank key id'
const KEYS_UNAVAILABLE = ['fetch: ', 'decode json: ', 'init client: ', 'invalid public jwk: ']

/** The refusal of any token while Texas cannot introspect: 503 with `Retry-After: 5`. */
export function introspectionUnavailable(cause: unknown): MaskinportenError {
  return new MaskinportenError('introspection_unavailable', { retryAfter: 5, cause })
}
