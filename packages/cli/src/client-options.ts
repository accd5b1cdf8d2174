import type { ClientKey, MaskinportenClientOptions } from '@portvakt/client'
import { checkUrl } from '@portvakt/core/internal'
import { Option } from 'commander'
import { readTextFile } from './files.js'
import { asCommandLineError, CommandLineError } from './options.js'
import { cliVariables, secretsDirectory, useVariablesOf } from './variables.js'

/** The options that configure a client. */
export interface ClientOptions {
  readonly environment?: 'prod' | 'test'
  readonly issuer?: string
  readonly insecureHttp?: true
  readonly clientId?: string
  readonly key?: string
  readonly keyId?: string
  readonly certificate?: string
  readonly env?: string
  readonly files?: string
}

export const issuerOptions = () => [
  new Option('--environment <name>', 'Digdir’s environment').choices(['prod', 'test']),
  new Option('--issuer <url>', 'another issuer, such as a mock, with its slash at the end'),
  new Option('--insecure-http', 'allow an http: issuer on another machine (docker compose)'),
]

export const clientOptions = () => [
  ...issuerOptions(),
  new Option('--client-id <id>', 'the client’s id'),
  new Option('--key <file>', 'the client’s private key: a JWK, or PEM with --key-id or --certificate'),
  new Option('--key-id <kid>', 'the id under which a key in PEM is registered'),
  new Option('--certificate <file>', 'the enterprise certificate and its chain in PEM'),
  new Option('--env <file>', 'a .env file with the client’s variables'),
  new Option('--files <directory>', 'the directory of the files that NAIS mounts'),
]

/** @throws {CommandLineError} without quoting the URL */
export function checkIssuer({ issuer, insecureHttp }: ClientOptions): void {
  try {
    if (issuer !== undefined) checkUrl(issuer, '--issuer', insecureHttp === true)
  } catch (error) {
    asCommandLineError(error)
  }
}

/** The options that are used in place of NAIS's variables. */
const IN_PLACE_OF_VARIABLES = ['environment', 'issuer', 'clientId', 'key', 'keyId', 'certificate'] as const

/** Whether an option names an issuer, a client, or the source of a client's variables. */
export function hasClientOptions(given: ClientOptions): boolean {
  return [...IN_PLACE_OF_VARIABLES, 'env', 'files'].some((name) => name in given)
}

/** The client that options or variables configure. */
export interface ChosenClient {
  /** The option or variable that configures the client, for messages. */
  readonly by: string
  readonly options: MaskinportenClientOptions
}

/**
 * Returns the client that the options configure, or else the client that NAIS's variables configure. The
 * client's id, key and issuer come all from options or all from variables. Returns undefined if neither names
 * a client, or if the options name only an issuer.
 *
 * @throws {CommandLineError} for options that do not belong together
 * @throws {TypeError} for a file that cannot be read
 */
export async function chooseClient(given: ClientOptions): Promise<ChosenClient | undefined> {
  const { environment, issuer, clientId, key, insecureHttp = false } = given
  const isByOptions = IN_PLACE_OF_VARIABLES.some((name) => given[name] !== undefined)
  checkIssuer(given)
  if (given.env !== undefined || given.files !== undefined) {
    if (isByOptions) throw new CommandLineError('Give --env or --files, or --client-id and --key, not both')
    await useVariablesOf(given)
    return clientOfVariables(insecureHttp)
  }
  if (!isByOptions) return clientOfVariables(insecureHttp)
  // Options that name only an issuer are enough for most steps of `doctor`.
  if ([clientId, key, given.keyId, given.certificate].every((value) => value === undefined)) return undefined
  if (clientId === undefined || key === undefined)
    throw new CommandLineError(
      '--client-id and --key belong together: give both, and --environment or --issuer',
    )
  if ((environment === undefined) === (issuer === undefined))
    throw new CommandLineError('With --client-id and --key, give either --environment or --issuer')
  const from = { ...(environment !== undefined && { environment }), ...(issuer !== undefined && { issuer }) }
  return { by: '--client-id', options: { ...from, insecureHttp, clientId, key: await readKey(key, given) } }
}

/** The variable that makes the client get its tokens from Texas. */
export const TEXAS = 'NAIS_TOKEN_ENDPOINT'

/** The variables that configure a client, in the client's order of precedence. */
const CLIENT_VARIABLES = ['MASKINPORTEN_CLIENT_ID', 'MASKINPORTEN_CLIENT_JWK', TEXAS]

function clientOfVariables(insecureHttp: boolean): ChosenClient | undefined {
  const { read } = cliVariables()
  const directory = secretsDirectory()
  const by = CLIENT_VARIABLES.find((name) => read(name) !== undefined)
  return by === undefined
    ? undefined
    : { by, options: { insecureHttp, ...(directory !== undefined && { secretsDirectory: directory }) } }
}

/**
 * Reads the client's key from a file, in any form that the client accepts. The client itself checks the
 * content.
 */
async function readKey(file: string, { keyId, certificate }: ClientOptions): Promise<ClientKey> {
  const text = await readTextFile(file, '--key')
  const isPem = [text, Buffer.from(text, 'base64').toString('latin1')].some((form) =>
    form.includes('-----BEGIN '),
  )
  if (!isPem) {
    if (keyId === undefined && certificate === undefined) return { jwk: text }
    throw new CommandLineError('--key-id and --certificate are for a key in PEM: a JWK has its own `kid`')
  }
  if (keyId !== undefined && certificate !== undefined)
    throw new CommandLineError('Give --key-id for a registered key, or --certificate, not both')
  if (keyId !== undefined) return { pem: text, keyId }
  if (certificate !== undefined)
    return { pem: text, certificateChain: await readTextFile(certificate, '--certificate') }
  // `openssl pkcs12 -nodes` writes the key and its certificates to one file.
  if (text.includes('-----BEGIN CERTIFICATE-----')) return { pem: text, certificateChain: text }
  throw new CommandLineError('A key in PEM needs --key-id, or --certificate')
}
