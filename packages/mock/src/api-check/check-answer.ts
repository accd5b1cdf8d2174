import type { ApiCheckPlan, Credentials } from './api-check-case.js'
import type { ApiCheckCase } from './api-check-report.js'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** @param answer the answer, or the reason why there is none */
export function checkAnswer(
  { name, meaning, expected }: ApiCheckPlan,
  credentials: Credentials,
  answer: ApiAnswer | string,
): ApiCheckCase {
  if (typeof answer === 'string')
    return { name, meaning, passed: false, problems: [answer], status: undefined, challenge: undefined }
  const { status } = answer
  const challenge = answer.headers.get('www-authenticate') ?? undefined
  const problems = [
    ...statusProblems(status, expected.statuses),
    ...challengeProblems(challenge, expected.challengeError),
    ...(expected.statuses === undefined ? [] : leakProblems(credentials, answer)),
  ]
  const passed = problems.length === 0
  return Object.freeze({ name, meaning, passed, problems: Object.freeze(problems), status, challenge })
}

function statusProblems(status: number, expected: readonly number[] | undefined): readonly string[] {
  if (expected) return expected.includes(status) ? [] : [`the status should be ${expected.join(' or ')}`]
  // A guard answers 503 when it cannot get the keys of its issuer, which can be another issuer than the mock.
  if (status >= 500 && status !== 503)
    return ['the API should accept it, but failed: read the log of the API']
  const isRefused = status === 400 || status === 401 || status === 403 || status === 503
  return isRefused ? ['the API should accept it: does the API trust this mock and require this scope?'] : []
}

/** Checks the challenge by RFC 6750 §3. */
function challengeProblems(
  challenge: string | undefined,
  expected: string | null | undefined,
): readonly string[] {
  if (expected === undefined) return []
  if (challenge === undefined || !/^Bearer\b/i.test(challenge))
    return ['the answer should have a Bearer challenge']
  const error = /\berror="?([a-z_]+)/.exec(challenge)?.[1]
  if (expected === null) return error === undefined ? [] : ['the challenge should have no error code']
  return error === expected ? [] : [`the challenge should have error="${expected}"`]
}

/**
 * Minimum length of a piece of a token that counts as a leak, in characters. Shorter pieces can occur by
 * chance.
 */
const PIECE = 12

/** Reports a token in the answer, because answers can end up in logs. */
function leakProblems(
  { authorization, accessToken }: Credentials,
  { headers, text }: ApiAnswer,
): readonly string[] {
  const sent = accessToken ?? authorization?.replace(/^Bearer /i, '') ?? ''
  const shown = `${[...headers].join('\n')}\n${text}`
  const pieces = sent.split(/[\s.,]+/).filter((part) => part.length >= PIECE)
  const isLeaked = pieces.some(
    (part) => shown.includes(part.slice(0, PIECE)) || shown.includes(part.slice(-PIECE)),
  )
  return isLeaked ? ['the answer repeats a part of the token'] : []
}
