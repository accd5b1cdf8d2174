import { connectionHint, safeCause } from '@portvakt/core/internal'
import type { ApiCheckReport } from '@portvakt/mock'
import { RunningMock, RunningMockError } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { checkRequest } from './api-url.js'
import { checkScopes } from './check-scopes.js'
import { CommandLineError, jsonOption, organisationOption, urlOption, withOptions } from './options.js'
import { note, print, printJson } from './output.js'

interface CheckOptions {
  readonly scope: readonly string[]
  readonly audience?: string
  readonly consumer?: string
  readonly method: string
  readonly header?: readonly string[]
  readonly body?: string
  readonly url: string
  readonly allowProduction: boolean
  readonly json?: true
}

export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'send a running API good and bad tokens, and report case by case whether it answers correctly',
    )
    .argument('<api>', 'the address of a guarded route of an API that trusts the running mock')
    .requiredOption('--scope <scopes...>', 'the scopes that the route requires')
  const options = [
    new Option('--audience <uri>', 'the audience that the route requires'),
    organisationOption('--consumer', 'an organisation on the route’s list of consumers'),
    new Option('--method <name>', 'the method of the route').default('GET'),
    new Option('--header <name: value...>', 'headers to send with every request'),
    new Option('--body <text>', 'the body of the requests'),
    urlOption(),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (api: string, given: CheckOptions) => {
    await checkScopes(given.scope)
    const { header = [], url, json, allowProduction: _isAllowed, ...sending } = given
    const headers = Object.fromEntries(header.map(pair))
    checkRequest(api, { ...sending, headers })
    const maskinporten = new RunningMock(url)
    if (!(await maskinporten.identity()))
      throw new RunningMockError(`No mock answers at ${url}: start one that the API trusts`)
    const { method, body } = sending
    await checkReachable(api, { method, headers, ...(body !== undefined && { body }) })
    const { checkApi } = await import('@portvakt/mock')
    note(`using tokens of the mock at ${url}`)
    const report = await checkApi(api, { maskinporten, headers, ...sending })
    if (json) printJson(report)
    else print(String(report))
    noteMissingRoute(report)
    process.exitCode = report.passed ? 0 : 1
  })
}

/**
 * Sends the first request, without a token, because every case would fail for the same reason if it cannot be
 * sent.
 *
 * @throws {TypeError} with the system's error code and a hint
 */
async function checkReachable(api: string, request: RequestInit): Promise<void> {
  try {
    const signal = AbortSignal.timeout(10_000)
    const response = await fetch(api, { ...request, redirect: 'manual', signal })
    await response.body?.cancel()
  } catch (error) {
    const { name, code } = safeCause(error)
    if (name === 'TimeoutError') throw new TypeError(`The API at ${api} did not answer within 10 s`)
    throw new TypeError(
      code === undefined
        ? `No request can be sent to ${api}: \`fetch\` blocks some ports, such as 6000. Use another port`
        : `No API answers at ${api} (${code}): ${connectionHint(code)}`,
    )
  }
}

/**
 * Warns if the API answers the good token with 404 or 405. The case passes, because a route can correctly answer
 * 404 for its resource. But a guard of the whole API refuses bad tokens also where the API has no route.
 */
function noteMissingRoute({ cases }: ApiCheckReport): void {
  const status = cases.find(({ name }) => name === 'good-token')?.status
  if (status !== 404 && status !== 405) return
  note(`warning: the good token got ${status}, so the route may not exist: check the address and --method`)
}

function pair(header: string): readonly [string, string] {
  const at = header.indexOf(':')
  const name = header.slice(0, at).trim()
  if (at < 1) throw new CommandLineError('--header must be `name: value`')
  if (name.toLowerCase() === 'authorization')
    throw new CommandLineError('--header must not be Authorization: `check` sends its own')
  return [name, header.slice(at + 1).trim()]
}
