import { naisVariables, type ResolvedIssuer } from '@portvakt/core/internal'
import { Command, Option } from 'commander'
import { checkApiUrl } from './api-url.js'
import { type ClientOptions, chooseClient, clientOptions, TEXAS } from './client-options.js'
import { callApi } from './doctor/api.js'
import { checkConfiguration, validatorFor } from './doctor/configuration.js'
import { checkConnection } from './doctor/connection.js'
import { checkClient, checkTokens, getToken } from './doctor/consumer.js'
import { Diagnosis, type StepReport } from './doctor/diagnosis.js'
import { CONNECTION, checkKeys, checkMetadata } from './doctor/server.js'
import { CommandLineError, jsonOption, withOptions } from './options.js'
import { print, printJson } from './output.js'
import { restrictionsOf, type TokenRequestOptions, tokenRequestOptions } from './token-request.js'

interface DoctorOptions extends ClientOptions, TokenRequestOptions {
  readonly scope?: readonly string[]
  readonly api?: string
  readonly method: string
  readonly json?: true
}

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'check step by step what a provider and a consumer need, and say what to do about a failure',
  )
  const options = [
    ...clientOptions(),
    new Option('--scope <scopes...>', 'the scopes to get tokens for (default: those of MASKINPORTEN_SCOPES)'),
    ...tokenRequestOptions(),
    new Option('--api <url>', 'an API to call with a token of all these scopes'),
    new Option('--method <name>', 'the method of the call').default('GET'),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: DoctorOptions) => {
    const diagnosis = new Diagnosis(given.json ? undefined : printStep())
    await diagnose(diagnosis, given)
    const { steps, failed } = diagnosis
    if (given.json) printJson({ passed: failed === 0, steps })
    else print(failed === 0 ? 'no step failed' : `${failed} of ${steps.length} steps failed`)
    process.exitCode = failed === 0 ? 0 : 1
  })
}

/** Makes all steps. @throws {CommandLineError} @throws {TypeError} for a file that cannot be read */
export async function diagnose(diagnosis: Diagnosis, given: DoctorOptions): Promise<void> {
  if (given.api !== undefined) checkApiUrl(given.api, '--api')
  const restrictions = restrictionsOf(given)
  // Also reads the variables of --env and --files.
  const chosen = await chooseClient(given)
  const asksConsumer = given.scope !== undefined || given.api !== undefined
  if (!chosen && asksConsumer)
    throw new CommandLineError(
      '--scope and --api need a client: --client-id and --key, --env, --files or variables',
    )
  const insecureHttp = given.insecureHttp ?? false
  const resolved = await checkConfiguration(diagnosis, given)
  if (!resolved) return
  await checkConnection(diagnosis, resolved.issuers[0])
  const named = await checkMetadata(diagnosis, resolved)
  const validator = validatorFor(resolved, named, insecureHttp)
  const isByOptions = given.environment !== undefined || given.issuer !== undefined
  await checkKeys(diagnosis, validator, { needs: needsOf(resolved), isByOptions, insecureHttp })
  if (!chosen) {
    const detail = isByOptions
      ? 'options name no client, and variables do not add one'
      : 'no client is configured'
    return diagnosis.skip({ part: 'consumer', step: 'client' }, detail)
  }
  const client = await checkClient(diagnosis, chosen, given.consumerOrg, given.key ?? given.env)
  const scopes =
    given.scope ?? naisVariables().read('MASKINPORTEN_SCOPES')?.split(/\s+/).filter(Boolean) ?? []
  if (scopes.length === 0)
    diagnosis.skip({ part: 'consumer', step: 'token' }, 'name a scope: --scope, or MASKINPORTEN_SCOPES')
  // Texas has a connection of its own.
  const needs = chosen.by === TEXAS ? ['client'] : [...CONNECTION, 'client', 'key']
  await checkTokens(diagnosis, client, validator, { needs, restrictions, scopes })
  if (given.api === undefined || scopes.length === 0) return
  const { api: url, method } = given
  await diagnosis.make({ part: 'consumer', step: 'api', needs: [...needs, 'token'] }, async () => {
    const [, { accessToken }] = await getToken(client, restrictions, scopes)
    return [await callApi({ url, method, accessToken }), undefined]
  })
}

/** Metadata is needed only if the configuration does not name the keys. */
const needsOf = ({ endpoint }: ResolvedIssuer) =>
  endpoint === undefined ? [...CONNECTION, 'metadata'] : CONNECTION

const MARKS: Readonly<Record<StepReport['outcome'], string>> = { passed: '✓', failed: '✗', skipped: '·' }

/** Prints each step when it is made, under the heading of its part. */
function printStep(): (report: StepReport) => void {
  let current: string | undefined
  return ({ part, step, subject, outcome, detail, fix }) => {
    if (part !== current) print(part)
    current = part
    const name = subject === undefined ? step : `${step} ${subject}`
    const text = outcome === 'skipped' ? `skipped: ${detail}` : detail
    print(`  ${MARKS[outcome]} ${name}: ${text}${fix === undefined ? '' : `\n      → ${fix}`}`)
  }
}
