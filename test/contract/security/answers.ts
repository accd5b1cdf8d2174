import type { MaskinportenReason } from '@portvakt/core'
import { READ } from '../conformance/api.js'

/** The expected answer to a refused request. */
export interface ExpectedAnswer {
  readonly status: number
  readonly title: string
  readonly code: string
  readonly challenge?: string
}

const BEARER = 'Bearer realm="maskinporten"'

/**
 * The expected answers, written independently of the library's own table.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
const TABLE = {
  none: { status: 401, title: 'Unauthorized', code: 'missing_token', challenge: BEARER },
  ambiguous: {
    status: 400,
    title: 'Bad Request',
    code: 'invalid_request',
    challenge: `${BEARER}, error="invalid_request"`,
  },
  bad: {
    status: 401,
    title: 'Unauthorized',
    code: 'invalid_token',
    challenge: `${BEARER}, error="invalid_token"`,
  },
  scope: {
    status: 403,
    title: 'Forbidden',
    code: 'insufficient_scope',
    challenge: `${BEARER}, error="insufficient_scope", scope="${READ}"`,
  },
  forbidden: { status: 403, title: 'Forbidden', code: 'access_denied' },
  outage: { status: 503, title: 'Service Unavailable', code: 'temporarily_unavailable' },
} as const satisfies Record<string, ExpectedAnswer>

const LINES: Partial<Record<MaskinportenReason, ExpectedAnswer>> = {
  no_credentials: TABLE.none,
  other_scheme: TABLE.none,
  ambiguous_credentials: TABLE.ambiguous,
  insufficient_scope: TABLE.scope,
  consumer_not_allowed: TABLE.forbidden,
  not_authorized: TABLE.forbidden,
  keys_unavailable: TABLE.outage,
}

/**
 * Returns the expected answer to a refusal. A reason without an entry in `LINES` gets the answer to a bad
 * token.
 */
export function answerTo(reason: MaskinportenReason): ExpectedAnswer {
  return LINES[reason] ?? TABLE.bad
}
