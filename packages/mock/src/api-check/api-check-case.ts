import { BAD_TOKENS, type BadTokenName } from '../bad-tokens/bad-tokens.js'

/** What an answer to a case must be. */
export interface ExpectedAnswer {
  /** Undefined: let in, that is anything but 400, 401, 403 and 5xx. */
  readonly statuses: readonly number[] | undefined
  /** The error code that the challenge must have; null for a challenge without one. Undefined: not looked at. */
  readonly challengeError: string | null | undefined
}

/** What a request carries. */
export interface Credentials {
  readonly authorization?: string
  /** In the query, where no API may look. */
  readonly accessToken?: string
}

/** One request to an API, and the right answer to it. */
export interface ApiCheckPlan {
  readonly name: string
  readonly meaning: string
  readonly expected: ExpectedAnswer
  /** @param bad makes bad tokens; @param good makes a good one */
  credentials(good: () => Promise<string>, bad: (name: BadTokenName) => Promise<string>): Promise<Credentials>
}

const LET_IN: ExpectedAnswer = { statuses: undefined, challengeError: undefined }
/** RFC 6750 §3.1: who brings nothing is told the scheme, and no error. */
const UNKNOWN: ExpectedAnswer = { statuses: [401], challengeError: null }
const INVALID: ExpectedAnswer = { statuses: [401], challengeError: 'invalid_token' }
const AMBIGUOUS: ExpectedAnswer = { statuses: [400], challengeError: undefined }

const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token}` })

const CREDENTIALS: readonly ApiCheckPlan[] = [
  {
    name: 'good-token',
    meaning: 'a good token',
    expected: LET_IN,
    credentials: async (good) => bearer(await good()),
  },
  {
    name: 'scheme-in-lower-case',
    meaning: 'a good token, with the scheme in lower case',
    expected: LET_IN,
    credentials: async (good) => ({ authorization: `bearer ${await good()}` }),
  },
  { name: 'no-credentials', meaning: 'nothing', expected: UNKNOWN, credentials: async () => ({}) },
  {
    name: 'other-scheme',
    meaning: 'a name and a password',
    expected: UNKNOWN,
    credentials: async () => ({ authorization: 'Basic dXNlcjpwYXNzd29yZA==' }),
  },
  {
    name: 'bare-token',
    meaning: 'a good token without a scheme',
    expected: UNKNOWN,
    credentials: async (good) => ({ authorization: await good() }),
  },
  {
    name: 'token-in-query',
    meaning: 'a good token in the query',
    expected: UNKNOWN,
    credentials: async (good) => ({ accessToken: await good() }),
  },
  {
    name: 'empty-token',
    meaning: 'the scheme without a token',
    expected: INVALID,
    credentials: async () => ({ authorization: 'Bearer' }),
  },
  {
    name: 'two-tokens',
    meaning: 'two good tokens',
    expected: AMBIGUOUS,
    credentials: async (good) => ({ authorization: `Bearer ${await good()}, Bearer ${await good()}` }),
  },
]

/** @param asked what the API asks for beside the scope, and so which bad tokens it can be expected to refuse */
export function apiCheckPlans(asked: ReadonlySet<'audience' | 'consumers'>): readonly ApiCheckPlan[] {
  const tokens = BAD_TOKENS.filter(({ onlyWith }) => onlyWith === undefined || asked.has(onlyWith))
  const bad = tokens.map(({ name, meaning, status, reason }) => ({
    name,
    meaning: `a token that ${meaning}`,
    expected: expectedFor(name, status, reason),
    credentials: async (_good: unknown, make: (name: BadTokenName) => Promise<string>) =>
      bearer(await make(name)),
  }))
  return [...CREDENTIALS, ...bad]
}

function expectedFor(name: BadTokenName, status: number, reason: string): ExpectedAnswer {
  // Servers have limits of their own for headers, and answer before the API does.
  if (name === 'too-large') return { statuses: [401, 400, 413, 431], challengeError: undefined }
  // RFC 6750 §2.1: JSON is not the syntax of a token, so an API may call the whole request invalid.
  if (reason === 'token_response') return { statuses: [400, 401], challengeError: undefined }
  if (status === 401) return INVALID
  return { statuses: [403], challengeError: reason === 'insufficient_scope' ? reason : undefined }
}
