import { text } from 'node:stream/consumers'
import type {
  AccessRequirement,
  Explanation,
  MaskinportenValidator,
  MaskinportenValidatorOptions,
  PreparedRequirement,
} from '@portvakt/core'
import { RunningMock, RunningMockError, refuseProduction } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { checkScopes } from './check-scopes.js'
import { checkIssuer, issuerOptions } from './client-options.js'
import { describeTime } from './describe-time.js'
import { readJsonFile, readTextFile } from './files.js'
import {
  allowProductionOption,
  asCommandLineError,
  CommandLineError,
  jsonOption,
  urlOption,
  withOptions,
} from './options.js'
import { note, print, printJson, table } from './output.js'
import { cliVariables } from './variables.js'

interface ExplainOptions {
  readonly scope?: readonly string[]
  readonly audience?: readonly string[]
  readonly requirement?: string
  readonly file?: string
  readonly environment?: 'prod' | 'test'
  readonly issuer?: string
  readonly insecureHttp?: true
  readonly jwks?: string
  readonly url: string
  readonly allowProduction: boolean
  readonly json?: true
}

export function explainCommand(): Command {
  const command = new Command('explain')
    .description('report, check by check, whether a guard accepts a token, and why')
    .argument('[token]', 'the token; better not as an argument, which other processes can see')
    .addHelpText('after', '\nThe token is read from standard input, unless --file or an argument gives it.')
  const options = [
    new Option('--file <file>', 'the file that has the token'),
    new Option('--scope <scopes...>', 'the scopes that the guard requires, all of them'),
    new Option('--audience <uris...>', 'the audiences that the guard accepts'),
    new Option('--requirement <file>', 'the guard’s requirement as JSON, in place of --scope').conflicts([
      'scope',
      'audience',
    ]),
    ...issuerOptions(),
    new Option('--jwks <file>', 'the issuer’s keys as a JWK set: nothing is fetched'),
    urlOption(),
    allowProductionOption(),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (argument: string | undefined, given: ExplainOptions) => {
    const requirement = await requirementOf(given)
    const validator = await validatorFor(given, command.getOptionValueSource('url') === 'cli')
    const token = await readToken(argument, given.file)
    await validator.ready().catch(noteFailure)
    const explanation = await validator.explain(token, requirement)
    if (given.json) printJson(explanation)
    else print(`${explanation}${contentOf(explanation)}`)
    process.exitCode = explanation.verdict === 'allowed' ? 0 : 1
  })
}

/** Prints the message of the error's `cause`, which names the failure and its fix. */
function noteFailure(error: Error): void {
  note(`portvakt: ${error.cause instanceof Error ? error.cause.message : error.message}`)
}

/** Checks the requirement before the first request. @throws {TypeError} for a wrong requirement in a file */
async function requirementOf({ scope, audience, requirement }: ExplainOptions): Promise<PreparedRequirement> {
  const { prepareRequirement } = await import('@portvakt/core/adapter')
  if (requirement !== undefined)
    return prepareRequirement((await readJsonFile(requirement, '--requirement')) as AccessRequirement)
  if (scope === undefined) throw new CommandLineError('Give --scope, or --requirement')
  await checkScopes(scope)
  try {
    return prepareRequirement({ scope: { allOf: scope }, ...(audience && { audience }) })
  } catch (error) {
    return asCommandLineError(error)
  }
}

async function readToken(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) throw new CommandLineError('Give the token once')
  if (file !== undefined) return (await readTextFile(file, '--file')).trim()
  if (argument !== undefined) {
    note('note: other processes can see an argument: standard input keeps the token from them')
    return argument.trim()
  }
  if (process.stdin.isTTY) note('reading the token from standard input, until Ctrl+D')
  return (await text(process.stdin)).trim()
}

/**
 * Takes the issuer from the first of these that is given: --environment or --issuer, the mock at --url,
 * NAIS's variables. If none is given, takes it from the mock at PORTVAKT_MOCK_URL or the default address.
 */
async function validatorFor(given: ExplainOptions, isMockNamed: boolean): Promise<MaskinportenValidator> {
  const { createMaskinportenValidator } = await import('@portvakt/core')
  const { environment, issuer, insecureHttp = false, jwks: file, url } = given
  if (environment !== undefined && issuer !== undefined)
    throw new CommandLineError('Give --environment or --issuer, not both')
  checkIssuer(given)
  const jwks = file === undefined ? {} : { jwks: (await readJsonFile(file, '--jwks')) as Jwks }
  if (environment !== undefined) return createMaskinportenValidator({ environment, ...jwks })
  if (issuer !== undefined) return createMaskinportenValidator({ issuer, insecureHttp, ...jwks })
  if (file !== undefined) throw new CommandLineError('--jwks also needs --environment or --issuer')
  const { read } = cliVariables()
  const isConfigured = read('MASKINPORTEN_ISSUER') ?? read('MASKINPORTEN_WELL_KNOWN_URL')
  if (!isMockNamed && isConfigured !== undefined) return createMaskinportenValidator({ insecureHttp })
  refuseProduction(given.allowProduction)
  const identity = await new RunningMock(url).identity()
  if (identity)
    return createMaskinportenValidator({
      issuer: identity.issuer,
      insecureHttp: identity.issuer.startsWith('http:'),
      jwksUri: new URL('jwk', url).href,
    })
  throw new RunningMockError(
    `No mock answers at ${url}: start one with \`portvakt serve\`, or name Digdir’s --environment`,
  )
}

/** A JWK set from a file. The validator itself checks the set. */
type Jwks = NonNullable<MaskinportenValidatorOptions['jwks']>

/** Describes the content of a verified token, with readable times. */
function contentOf({ token }: Explanation): string {
  if (!token) return ''
  const { scopes, consumer, supplier, delegationSource, audience, issuedAt, expiresAt } = token
  const now = Date.now() / 1000
  const rows = [
    ['scopes', scopes.join(' ')],
    ['consumer', consumer.id],
    ['supplier', supplier?.id ?? ''],
    ['delegation source', delegationSource ?? ''],
    ['audience', audience.join(' ')],
    ['issued', describeTime(issuedAt, now)],
    ['expires', describeTime(expiresAt, now)],
  ]
  return `\n${table(rows.filter(([, value]) => value !== ''))}`
}
