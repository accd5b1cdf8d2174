import { isObject, maskPersons, REASONS, readJson, send } from '@portvakt/core/internal'
import { within } from './connection.js'
import { type Finding, Problem } from './diagnosis.js'

interface ApiCall {
  readonly url: string
  readonly method: string
  readonly accessToken: string
}

/**
 * Calls an API once, and explains its answer. The explanation repeats the answer's status, but repeats other
 * values of the answer only if they have a known form.
 */
export async function callApi({ url, method, accessToken }: ApiCall): Promise<Finding> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' }
  return within(async (signal) => {
    const response = await send(url, undefined, { method, headers, signal })
    const body = await readJson(response, signal, 64 * 1024, false).catch(() => undefined)
    return explainAnswer({
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      retryAfter: response.headers.get('retry-after'),
      reason: isObject(body) ? body['reason'] : undefined,
    })
  })
}

export interface ApiAnswer {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  /** The member `reason` of the body. */
  readonly reason: unknown
}

/** @throws {Problem} for an answer that is not a success */
export function explainAnswer(answer: ApiAnswer): Finding {
  const { status, challenge, reason } = answer
  if (status >= 200 && status < 300) return `it answers ${status}`
  const { error, scope } = bearerChallengeIn(challenge)
  const named = [`it answers ${status}`, error && `error="${error}"`, scope && `scope="${scope}"`]
  const known = isReason(reason) ? REASONS[reason].hint : undefined
  const { cause, fix } = known ?? hintFor(answer, error)
  throw new Problem(`${named.filter(Boolean).join(', ')}: ${cause}`, fix)
}

/** Whether a value is a reason of a Portvakt guard, as in its problem document. */
function isReason(reason: unknown): reason is keyof typeof REASONS {
  return typeof reason === 'string' && Object.hasOwn(REASONS, reason)
}

interface Challenge {
  readonly error?: string
  readonly scope?: string
}

/**
 * Reads `error` and `scope` from a Bearer challenge (RFC 6750 §3). Drops a value that does not have the form
 * of an error code or of scopes, because an API can put the token there.
 */
function bearerChallengeIn(header: string | null): Challenge {
  const [, params] = /(?:^|,)\s*bearer(?:\s+(.*))?$/i.exec(header ?? '') ?? []
  const [, error = ''] = /(?:^|[\s,])error\s*=\s*"([^"]*)"/i.exec(params ?? '') ?? []
  const [, scope = ''] = /(?:^|[\s,])scope\s*=\s*"([^"]*)"/i.exec(params ?? '') ?? []
  return {
    ...(/^[a-z_]{1,40}$/.test(error) && { error }),
    ...(/^[a-z0-9:/. _-]{1,200}$/.test(scope) && { scope: maskPersons(scope, '[removed]') }),
  }
}

const ASK_PROVIDER = 'ask the provider of the API which token it requires'

function hintFor({ status, challenge, retryAfter }: ApiAnswer, error: string | undefined) {
  if (error === 'insufficient_scope')
    return { cause: 'the token lacks a scope that the API requires', fix: 'request that scope: --scope' }
  if (error === 'invalid_token')
    return {
      cause: 'the API does not accept the token',
      fix: 'check that token and API are of the same environment, and whether the API requires an --audience',
    }
  if (status === 401 && challenge !== null && error === undefined)
    return {
      cause: 'the API saw no bearer token',
      fix: 'check whether a gateway removes the Authorization header, or the API requires another scheme',
    }
  if (status === 401) return { cause: 'the API does not say why it refuses the token', fix: ASK_PROVIDER }
  if (status === 403) return { cause: 'the organisation may not make this call', fix: ASK_PROVIDER }
  if (status === 404 || status === 405)
    return { cause: 'the API has no such route', fix: 'correct the address, or set --method' }
  if (status >= 300 && status < 400)
    return { cause: 'the API redirects, and a token follows no redirect', fix: 'call the address itself' }
  if (status === 429 || status >= 500) {
    const seconds = /^[0-9]{1,6}$/.test(retryAfter ?? '') ? ` in ${retryAfter} s` : ' later'
    return { cause: 'the API, or what it depends on, is overloaded or failing', fix: `try again${seconds}` }
  }
  return { cause: 'the API refuses the request', fix: ASK_PROVIDER }
}
