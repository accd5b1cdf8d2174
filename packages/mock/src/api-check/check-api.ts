import { numberBetween, safeCause, takeList, takeOptions } from '@portvakt/core/internal'
import { type IssueTokenOptions, takeTokenOptions } from '../maskinporten/access-token.js'
import type { MockMaskinporten } from '../mock-interface.js'
import { type ApiCheckPlan, apiCheckPlans, type Credentials } from './api-check-case.js'
import { type ApiCheckCase, type ApiCheckReport, apiCheckReport } from './api-check-report.js'
import { type ApiAnswer, checkAnswer } from './check-answer.js'

/** The requirements of the route, and how to call the route. */
export interface CheckApiOptions {
  /** The mock that the API trusts. */
  readonly maskinporten: Pick<MockMaskinporten, 'issueToken' | 'badToken'>
  /** The scopes that the route requires. */
  readonly scope: string | readonly string[]
  /** The audience that the route requires. Default: no audience is required. */
  readonly audience?: string
  /** An organisation that the route allows as consumer. Default: every consumer is allowed. */
  readonly consumer?: string
  /** More content for the good token, for example a supplier or a pid. */
  readonly token?: IssueTokenOptions
  /** The method. Default GET. The API executes every request that has a good token. */
  readonly method?: string
  /** Additional headers, for example a content type. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Sends the requests. Default: the global `fetch`. A custom function can call an app without a server. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>
  /** Maximum seconds to wait for an answer, 0.001–600. Default 10. */
  readonly timeout?: number
}

/**
 * Sends an API a good token, every kind of bad token and other wrong credentials, one request after another.
 * For each case, the report states whether the status and the challenge follow RFC 6750, and whether the
 * answer repeats part of the token.
 *
 * @param url a guarded route
 * @throws {TypeError} naming the wrong option
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
    throw new TypeError('`scope` must be what the route requires')
  if (!URL.canParse(url)) throw new TypeError('`url` must be the address of a route')
  if (sending.timeout !== undefined) numberBetween(sending.timeout, 0.001, 600, 'timeout', ' seconds')
  const request = { ...sending, headers: takeOptions(headers, 'any', '`headers`') }
  checkRequest(url, request)

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

/**
 * Checks that `fetch` can send the requests, so that a wrong option is not reported as 100 wrong answers.
 *
 * @throws {TypeError} naming the option, without the error of `fetch`, which quotes values of headers
 */
function checkRequest(
  url: string | URL,
  { method = 'GET', headers = {}, body }: Partial<CheckApiOptions>,
): void {
  checkInit(url, {}, '`url` must be an http: or https: address without a user name')
  checkInit(url, { method }, '`method` must be a method that can be sent, such as GET')
  checkInit(
    url,
    { method, headers },
    '`headers` must be names without spaces, and values of Latin-1 in one line',
  )
  if (body !== undefined)
    checkInit(url, { method, body }, `\`body\` cannot be sent with ${method}: set \`method\``)
  if (new Headers(headers).has('authorization'))
    throw new TypeError('`headers` must not have Authorization: checkApi sends its own')
}

function checkInit(url: string | URL, init: RequestInit, rule: string): void {
  try {
    if (/^https?:/.test(new Request(url, init).url)) return
  } catch {
    // Reported below.
  }
  throw new TypeError(rule)
}

async function runCase(
  plan: ApiCheckPlan,
  credentials: Credentials,
  url: URL,
  { method = 'GET', headers, body, fetch = globalThis.fetch, timeout = 10 }: Partial<CheckApiOptions>,
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
      signal: AbortSignal.timeout(Math.round(timeout * 1000)),
    })
    answer = { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    // Do not use the error's own message, which could quote the Authorization header.
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const { code } = safeCause(error)
    const unreachable = `it cannot be reached${code === undefined ? '' : ` (${code})`}`
    answer = isLate ? 'it did not answer in time' : unreachable
  }
  return checkAnswer(plan, credentials, answer)
}
