import { getStatus, post } from '#post-json'
import { decodeUtf8, type Fetch, fetchText, KeyFetchError, MAX_BYTES } from './fetch-json.js'
import { readIntrospection } from './introspection-answer.js'

/** Where and how Texas is asked. */
export interface IntrospectionEndpoint {
  readonly endpoint: string
  /** Undefined means `node:http` on Node, and the global `fetch` elsewhere. */
  readonly fetch: Fetch | undefined
}

/**
 * Asks Texas whether a token is active.
 *
 * @param inBackground true when nothing awaits the answer
 * @throws {KeyFetchError} when Texas cannot be asked, or could not check the token
 */
export async function introspect(
  token: string,
  { endpoint: url, fetch }: IntrospectionEndpoint,
  signal: AbortSignal,
  inBackground: boolean,
): Promise<boolean> {
  const body = JSON.stringify({ identity_provider: 'maskinporten', token })
  if (post && !fetch) {
    const answer = await post({ url, body, signal, maxBytes: MAX_BYTES, inBackground })
    return readIntrospection(textIn(answer))
  }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  return readIntrospection(await fetchText(url, fetch, signal, init))
}

/**
 * The status with which Texas answers a GET, which it does at once whatever else it is doing.
 *
 * @param inBackground true when nothing awaits the answer
 */
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
  if (status !== 200) throw new KeyFetchError(Math.trunc(status / 100) === 3 ? 'redirected' : 'bad_status')
  if (body === undefined) throw new KeyFetchError('too_large')
  // No encoding was accepted in the request.
  if (encoding !== undefined) throw new KeyFetchError('not_json')
  return decodeUtf8(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }), body)
}
