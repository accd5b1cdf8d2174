import type { ResolvedIssuer } from '@portvakt/core/internal'
import { checkApiUrl, checkRequest } from '../api-url.js'
import { checkScopes } from '../check-scopes.js'
import { restrictionsOf } from '../chosen-client.js'
import { type ClientOptions, chooseClient, TEXAS } from '../client-options.js'
import { CommandLineError } from '../options.js'
import type { TokenRequestOptions } from '../token-request.js'
import { cliVariables } from '../variables.js'
import { callApi } from './api.js'
import { checkConfiguration, validatorFor } from './configuration.js'
import { checkConnection } from './connection.js'
import { checkClient, checkTokens, getToken } from './consumer.js'
import type { Diagnosis } from './diagnosis.js'
import { CONNECTION, checkKeys, checkMetadata } from './server.js'

export interface DoctorOptions extends ClientOptions, TokenRequestOptions {
  readonly scope?: readonly string[]
  readonly api?: string
  readonly method: string
  readonly json?: true
}

/** Runs all steps. @throws {CommandLineError} @throws {TypeError} for a file that cannot be read */
export async function diagnose(diagnosis: Diagnosis, given: DoctorOptions): Promise<void> {
  await checkScopes(given.scope)
  if (given.api !== undefined) {
    checkApiUrl(given.api, '--api')
    checkRequest(given.api, { method: given.method })
  }
  const restrictions = restrictionsOf(given)
  // Also loads the variables from --env or --files.
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
  // MASKINPORTEN_SCOPES belongs to a client that the variables configure, not to one from options.
  const variable = isByOptions ? undefined : cliVariables().read('MASKINPORTEN_SCOPES')
  const scopes = given.scope ?? variable?.split(/\s+/).filter(Boolean) ?? []
  if (given.api !== undefined && scopes.length === 0)
    throw new CommandLineError('--api needs a scope: --scope, or MASKINPORTEN_SCOPES')
  if (scopes.length === 0)
    diagnosis.skip({ part: 'consumer', step: 'token' }, 'name a scope: --scope, or MASKINPORTEN_SCOPES')
  // With Texas, the token steps need neither a connection from this process to Maskinporten nor a key.
  const needs = chosen.by === TEXAS ? ['client'] : [...CONNECTION, 'client', 'key']
  await checkTokens(diagnosis, client, validator, { needs, restrictions, scopes })
  if (given.api === undefined) return
  const { api: url, method } = given
  await diagnosis.make({ part: 'consumer', step: 'api', needs: [...needs, 'token'] }, async () => {
    const [, { accessToken }] = await getToken(client, restrictions, scopes)
    return [await callApi({ url, method, accessToken }), undefined]
  })
}

/** Metadata is needed only if the configuration does not name the URL of the keys. */
const needsOf = ({ endpoint }: ResolvedIssuer) =>
  endpoint === undefined ? [...CONNECTION, 'metadata'] : CONNECTION
