import { checkApi } from '@portvakt/mock'
import { RunningMock, RunningMockError } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { jsonOption, urlOption } from './options.js'
import { note, print, printJson } from './output.js'

interface CheckOptions {
  readonly scope: readonly string[]
  readonly audience?: string
  readonly consumer?: string
  readonly method: string
  readonly header?: readonly string[]
  readonly body?: string
  readonly url: string
  readonly json?: true
}

export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'send a running API good and bad tokens, and tell case by case whether it answers as it should',
    )
    .argument('<api>', 'the address of a guarded route, of an API that trusts the running mock')
    .requiredOption('--scope <scopes...>', 'what the route requires')
  for (const option of [
    new Option('--audience <uri>', 'the audience that the route requires'),
    new Option('--consumer <number>', 'an organisation on the route’s list of consumers'),
    new Option('--method <name>', 'how the route is called').default('GET'),
    new Option('--header <name: value...>', 'more headers'),
    new Option('--body <text>', 'what is sent'),
    urlOption(),
    jsonOption(),
  ]) {
    command.addOption(option)
  }
  return command.action(async (api: string, options: CheckOptions) => {
    const { scope, audience, consumer, method, header = [], body, url, json } = options
    const maskinporten = new RunningMock(url)
    if (!(await maskinporten.identity()))
      throw new RunningMockError(`No mock answers at ${url}: the API must trust one that runs`)
    if (URL.canParse(api)) await checkReachable(api)
    note(`with tokens of the mock at ${url}`)
    const report = await checkApi(api, {
      maskinporten,
      scope,
      method,
      headers: Object.fromEntries(header.map(pair)),
      ...(audience !== undefined && { audience }),
      ...(consumer !== undefined && { consumer }),
      ...(body !== undefined && { body }),
    })
    if (json) printJson(report)
    else print(String(report))
    process.exitCode = report.passed ? 0 : 1
  })
}

/** Stops early when no server listens: every case would fail for the same reason. @throws {TypeError} */
async function checkReachable(api: string): Promise<void> {
  const signal = AbortSignal.timeout(10_000)
  await fetch(api, { method: 'HEAD', redirect: 'manual', signal }).catch((error: unknown) => {
    const code = error instanceof Error && Object(error.cause).code
    // Anything else may be this method's alone, and the cases will tell.
    if (code !== 'ECONNREFUSED' && code !== 'ENOTFOUND') return
    throw new TypeError(`No API answers at ${api} (${code}): start it, or correct the address`)
  })
}

function pair(header: string): readonly [string, string] {
  const at = header.indexOf(':')
  if (at < 1) throw new TypeError('--header takes `name: value`')
  return [header.slice(0, at).trim(), header.slice(at + 1).trim()]
}
