import { takeList, takeOptions } from '@portvakt/core/internal'
import { type IssueTokenOptions, takeTokenOptions } from '../maskinporten/access-token.js'
import type { MockMaskinporten } from '../mock-interface.js'
import { type ApiCheckPlan, apiCheckPlans, type Credentials } from './api-check-case.js'
import { type ApiCheckCase, type ApiCheckReport, apiCheckReport } from './api-check-report.js'
import { type ApiAnswer, checkAnswer } from './check-answer.js'

/** What an API is checked against. */
export interface CheckApiOptions {
  /** The mock that the API has for its Maskinporten. */
  readonly maskinporten: Pick<MockMaskinporten, 'issueToken' | 'badToken'>
  /** The scopes that the route asks for. */
  readonly scope: string | readonly string[]
  /** The audience that it asks for; left out, it asks for none. */
  readonly audience?: string
  /** An organisation on the route's list of consumers; left out, it has no list. */
  readonly consumer?: string
  /** What else a good token has, for example a supplier or a pid. */
  readonly token?: IssueTokenOptions
  /** Default GET. The requests with a good token do what they ask for. */
  readonly method?: string
  /** More headers, for example a content type. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Used instead of the global `fetch`, for example to reach an app without a server. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>
  /** Seconds to wait for an answer. Default 10. */
  readonly timeout?: number
}

/**
 * Sends a running API a good token, every kind of bad one and other wrong credentials, one after the other, and
 * tells case by case whether it answers as RFC 6750 says: status, challenge, and nothing of the token.
 *
 * @param url a guarded route
 * @throws {TypeError} naming the option that is wrong
 * @example
 * const report = await checkApi('http://localhost:3000/vedtak', { maskinporten, scope: 'nav:x.read' })
 * if (!report.passed) throw new Error(`${report}`)
 */
export async function checkApi(url: string | URL, options: CheckApiOptions): Promise<ApiCheckReport> {
  const names = ['maskinporten', 'scope', 'audience', 'consumer', 'token', 'method', 'headers'] as const
  const taken = takeOptions(options, [...names, 'body', 'fetch', 'timeout'], 'checkApi')
  const { maskinporten, scope: given, audience, consumer, token = {}, headers = {}, ...sending } = taken
  if (typeof maskinporten?.badToken !== 'function')
    throw new TypeError('`maskinporten` must be the mock that the API trusts')
  const scope = typeof given === 'object' ? takeList(given, 'scope') : given
  if (scope === undefined || scope.length === 0)
    throw new TypeError('`scope` must be what the route asks for')
  if (!URL.canParse(url)) throw new TypeError('`url` must be the address of a route')
  const request = { ...sending, headers: takeOptions(headers, 'any', '`headers`') }

  const good = takeTokenOptions(token, '`token`')
  const wanted = { ...good, scope, ...(audience && { audience }), ...(consumer && { consumer }) }
  const required = new Set<'audience' | 'consumers'>()
  if (audience !== undefined) required.add('audience')
  if (consumer !== undefined) required.add('consumers')

  const cases: ApiCheckCase[] = []
  for (const plan of apiCheckPlans(required)) {
    const credentials = await plan.credentials(
      () => maskinporten.issueToken(wanted),
      (name) => maskinporten.badToken(name, wanted),
    )
    cases.push(await runCase(plan, credentials, new URL(url), request))
  }
  return apiCheckReport(cases)
}

type Sending = Pick<CheckApiOptions, 'method' | 'headers' | 'body' | 'fetch' | 'timeout'>

async function runCase(
  plan: ApiCheckPlan,
  credentials: Credentials,
  url: URL,
  { method = 'GET', headers, body, fetch = globalThis.fetch, timeout = 10 }: Sending,
): Promise<ApiCheckCase> {
  const { authorization, accessToken } = credentials
  if (accessToken !== undefined) url.searchParams.set('access_token', accessToken)
  let answer: ApiAnswer | string
  try {
    const response = await fetch(url.href, {
      method,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout * 1000),
    })
    answer = { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    // Its message may be anything, and could quote the header.
    answer =
      error instanceof Error && error.name === 'TimeoutError'
        ? 'it did not answer in time'
        : 'it cannot be reached'
  }
  return checkAnswer(plan, credentials, answer)
}
