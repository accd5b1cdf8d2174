import { RunningMock, refuseProduction } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { checkApiUrl } from './api-url.js'
import { checkScopes } from './check-scopes.js'
import {
  type ChosenClient,
  type ClientOptions,
  chooseClient,
  clientOptions,
  hasClientOptions,
} from './client-options.js'
import { curlLine } from './curl-line.js'
import {
  allowProductionOption,
  asCommandLineError,
  CommandLineError,
  jsonOption,
  organisationOption,
  urlOption,
  withOptions,
} from './options.js'
import { note, print, printJson } from './output.js'
import { detailsIn, type TokenRequestOptions, tokenRequestOptions } from './token-request.js'

interface TokenOptions extends ClientOptions, TokenRequestOptions {
  readonly scope: readonly string[]
  readonly consumer?: string
  readonly supplier?: string
  readonly expiresIn?: number
  readonly url: string
  readonly allowProduction: boolean
  readonly altinn?: true
  readonly decode?: true
  readonly curl?: string
  readonly json?: true
}

export function tokenCommand(): Command {
  const command = new Command('token')
    .description('print a token: for the client that options or variables name, else of the running mock')
    .requiredOption('--scope <scopes...>', 'the scopes of the token')
  const options = [
    ...clientOptions(),
    ...tokenRequestOptions(),
    organisationOption('--consumer', 'mock only: the organisation that calls'),
    organisationOption('--supplier', 'mock only: the organisation that calls on behalf of the consumer'),
    new Option(
      '--expires-in <seconds>',
      'mock only: the token’s lifetime; negative for an expired token',
    ).argParser(secondsOf),
    new Option('--altinn', 'exchange the token for a token of Altinn'),
    new Option('--decode', 'print the token’s header and claims instead').conflicts('curl'),
    new Option('--curl <url>', 'print a curl line that calls an API with the token').conflicts('json'),
    urlOption(),
    allowProductionOption(),
    jsonOption(),
  ]
  return withOptions(command, options).action(async (given: TokenOptions) => {
    await checkScopes(given.scope)
    if (given.curl !== undefined) checkApiUrl(given.curl, '--curl')
    const client = await clientUnlessMock(given, command.getOptionValueSource('url') === 'cli')
    await show(client ? await tokenOfClient(client, given) : await tokenOfMock(given), given)
  })
}

function secondsOf(text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text)
  throw new CommandLineError('--expires-in must be whole seconds, such as 60 or -60')
}

/**
 * @param isMockNamed whether --url names the mock. If so, variables that configure a client are ignored.
 */
async function clientUnlessMock(
  given: TokenOptions,
  isMockNamed: boolean,
): Promise<ChosenClient | undefined> {
  const isClientNamed = hasClientOptions(given)
  if (isMockNamed && isClientNamed)
    throw new CommandLineError('Give --url for the mock, or the options of a client, not both')
  const client = isMockNamed ? undefined : await chooseClient(given)
  if (isClientNamed && !client)
    throw new CommandLineError('--environment and --issuer need a client: give --client-id and --key too')
  return client
}

async function tokenOfClient(client: ChosenClient, given: TokenOptions): Promise<string> {
  const option = OF_THE_MOCK.find((name) => given[name] !== undefined)
  if (option !== undefined)
    throw new CommandLineError(
      `${OPTION[option]} is for tokens of the mock, and ${client.by} configures a client: leave it ` +
        'out, or name the mock with --url',
    )
  // Import this module only when it is needed, because the client and its libraries are slow to load.
  const { createChosenClient, restrictionsOf } = await import('./chosen-client.js')
  const request = { ...restrictionsOf(given), scope: given.scope, ...(given.altinn && { altinn: true }) }
  const { accessToken } = await createChosenClient(client, given.consumerOrg)
    .getToken(request)
    .catch(asCommandLineError)
  note(`for the client of ${client.by}`)
  return accessToken
}

const OPTION = { consumer: '--consumer', supplier: '--supplier', expiresIn: '--expires-in' } as const
const OF_THE_MOCK = ['consumer', 'supplier', 'expiresIn'] as const

async function tokenOfMock(given: TokenOptions): Promise<string> {
  const { url, scope, consumer, supplier, audience, pid, expiresIn } = given
  const authorizationDetails = detailsIn(given.authorizationDetails)
  refuseProduction(given.allowProduction)
  if (given.consumerOrg !== undefined)
    throw new CommandLineError('--consumer-org needs a client. For the mock, give --consumer and --supplier')
  if (given.systemUser !== undefined)
    throw new CommandLineError('--system-user needs a client. For the mock, give --authorization-details')
  const mock = new RunningMock(url)
  const token = await mock.issueToken({
    scope,
    ...(consumer !== undefined && { consumer }),
    ...(supplier !== undefined && { supplier }),
    ...(audience !== undefined && { audience }),
    ...(pid !== undefined && { pid }),
    ...(expiresIn !== undefined && { expiresIn }),
    ...(authorizationDetails !== undefined && { authorizationDetails }),
  })
  note(`from the mock at ${url} (to use another, set --url or PORTVAKT_MOCK_URL)`)
  return given.altinn ? mock.exchange(token) : token
}

async function show(token: string, { decode, curl, json }: TokenOptions): Promise<void> {
  const { decodeToken, describeToken } = await import('./decode.js')
  const decoded = decodeToken(token)
  if (decode && !decoded) throw new TypeError('The token is not a JWT, so it cannot be decoded')
  if (curl !== undefined) print(curlLine(token, new URL(curl).href))
  else if (json) printJson(decode ? decoded : { token, ...(decoded && { claims: decoded.claims }) })
  else print(decode && decoded ? describeToken(decoded, Date.now() / 1000) : token)
}
