import { BAD_TOKENS, type BadTokenName } from '../bad-tokens/bad-tokens.js'

/** The requirements that an answer must meet. */
export interface ExpectedAnswer {
  /** The correct statuses. Undefined accepts every status except 400, 401, 403 and 5xx. */
  readonly statuses: readonly number[] | undefined
  /**
   * The error code that the challenge must have. Null requires a challenge without a code; undefined skips the
   * check.
   */
  readonly challengeError: string | null | undefined
}

export interface Credentials {
  readonly authorization?: string
  /** A token to send in the query, where an API must ignore it. */
  readonly accessToken?: string
}

/** A request to an API, and the correct answer to it. */
export interface ApiCheckPlan {
  readonly name: string
  readonly meaning: string
  readonly expected: ExpectedAnswer
  credentials(good: () => Promise<string>, bad: (name: BadTokenName) => Promise<string>): Promise<Credentials>
}

const ACCEPTED: ExpectedAnswer = { statuses: undefined, challengeError: undefined }
/** The correct answer to a request without credentials: a challenge without an error code (RFC 6750 §3.1). */
const UNKNOWN: ExpectedAnswer = { statuses: [401], challengeError: null }
const INVALID: ExpectedAnswer = { statuses: [401], challengeError: 'invalid_token' }
const AMBIGUOUS: ExpectedAnswer = { statuses: [400], challengeError: undefined }

const header = (authorization: string): Credentials => ({ authorization })
const bearer = (token: string): Credentials => header(`Bearer ${token}`)

function plan(
  name: string,
  meaning: string,
  expected: ExpectedAnswer,
  credentials: ApiCheckPlan['credentials'],
): ApiCheckPlan {
  return { name, meaning, expected, credentials }
}

const CREDENTIALS: readonly ApiCheckPlan[] = [
  plan('good-token', 'a good token', ACCEPTED, async (good) => bearer(await good())),
  plan('scheme-in-lower-case', 'a good token, with the scheme in lower case', ACCEPTED, async (good) =>
    header(`bearer ${await good()}`),
  ),
  plan('no-credentials', 'nothing', UNKNOWN, async () => ({})),
  plan('other-scheme', 'a name and a password', UNKNOWN, async () => header('Basic dXNlcjpwYXNzd29yZA==')),
  plan('bare-token', 'a good token without a scheme', UNKNOWN, async (good) => header(await good())),
  plan('token-in-query', 'a good token in the query', UNKNOWN, async (good) => ({
    accessToken: await good(),
  })),
  plan('empty-token', 'the scheme without a token', INVALID, async () => header('Bearer')),
  plan('two-tokens', 'two good tokens', AMBIGUOUS, async (good) =>
    bearer(`${await good()}, Bearer ${await good()}`),
  ),
]

/**
 * @param required the API's requirements besides scopes. Some tokens are bad only for an API that has one of
 * these requirements.
 */
export function apiCheckPlans(required: ReadonlySet<'audience' | 'consumers'>): readonly ApiCheckPlan[] {
  const tokens = BAD_TOKENS.filter(({ onlyWith }) => onlyWith === undefined || required.has(onlyWith))
  const bad = tokens.map(({ name, meaning, status, reason }) => {
    const expected = expectedFor(name, status, reason)
    return plan(name, `a token that ${meaning}`, expected, async (_good, make) => bearer(await make(name)))
  })
  return [...CREDENTIALS, ...bad]
}

function expectedFor(name: BadTokenName, status: number, reason: string): ExpectedAnswer {
  // A server can refuse a long header before the request reaches the API.
  if (name === 'too-large') return { statuses: [401, 400, 413, 431], challengeError: undefined }
  // The syntax of a token does not allow JSON (RFC 6750 §2.1), so an API can answer 400 (`invalid_request`)
  // instead of 401.
  if (reason === 'token_response') return { statuses: [400, 401], challengeError: undefined }
  if (status === 401) return INVALID
  return { statuses: [403], challengeError: reason === 'insufficient_scope' ? reason : undefined }
}
