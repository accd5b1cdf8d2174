import { text } from 'node:stream/consumers'
import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { RunningMock, RunningMockError, refuseProduction } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { allowProductionOption, jsonOption, urlOption, withOptions } from './options.js'
import { note, print, printJson } from './output.js'

interface ExplainOptions {
  readonly scope: readonly string[]
  readonly audience?: readonly string[]
  readonly environment?: 'prod' | 'test'
  readonly url: string
  readonly allowProduction: boolean
  readonly json?: true
}

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('report, check by check, whether a guard accepts a token, and why')
    .argument('[token]', 'the token; default: standard input')
    .requiredOption('--scope <scopes...>', 'the scopes that the guard requires, all of them')
  const options = [
    new Option('--audience <uris...>', 'the audiences that the guard accepts'),
    new Option('--environment <name>', 'check as an API of this Digdir environment').choices([
      'prod',
      'test',
    ]),
    urlOption(),
    allowProductionOption(),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: string | undefined, options: ExplainOptions) => {
    const token = (given ?? (await text(process.stdin))).trim()
    const validator = await validatorFor(options)
    await validator.ready().catch((error: Error) => note(`portvakt: ${error.message}`))
    const explanation = await validator.explain(token, {
      scope: { allOf: options.scope },
      ...(options.audience && { audience: options.audience }),
    })
    if (options.json) printJson(explanation)
    else print(String(explanation))
    process.exitCode = explanation.verdict === 'allowed' ? 0 : 1
  })
}

async function validatorFor({
  environment,
  url,
  allowProduction,
}: ExplainOptions): Promise<MaskinportenValidator> {
  if (environment !== undefined) return createMaskinportenValidator({ environment })
  refuseProduction(allowProduction)
  const identity = await new RunningMock(url).identity()
  if (identity)
    return createMaskinportenValidator({ issuer: identity.issuer, jwksUri: new URL('jwk', url).href })
  throw new RunningMockError(
    `No mock answers at ${url}: start one with \`portvakt serve\`, or name Digdir’s --environment`,
  )
}
