import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { type ResolvedIssuer, resolveIssuer } from '@portvakt/core/internal'
import type { ClientOptions } from '../client-options.js'
import { cliVariables } from '../variables.js'
import { type Diagnosis, Problem } from './diagnosis.js'

/**
 * NAIS's variables for providers and consumers. The step `variables` prints their names, never their values.
 */
const VARIABLES = [
  ...['MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL', 'MASKINPORTEN_JWKS_URI'],
  ...['MASKINPORTEN_CLIENT_ID', 'MASKINPORTEN_CLIENT_JWK', 'MASKINPORTEN_SCOPES'],
  ...['MASKINPORTEN_TOKEN_ENDPOINT', 'NAIS_TOKEN_ENDPOINT', 'NAIS_TOKEN_INTROSPECTION_ENDPOINT'],
]

const JWKS_URI = {
  option: 'jwksUri',
  variable: 'MASKINPORTEN_JWKS_URI',
  advice:
    'Set MASKINPORTEN_ISSUER or MASKINPORTEN_WELL_KNOWN_URL, or give --environment or --issuer. On NAIS, add ' +
    '`spec.maskinporten.enabled: true` to nais.yaml',
} as const

/** Runs the steps `variables` and `issuer`. */
export async function checkConfiguration(
  diagnosis: Diagnosis,
  given: ClientOptions,
): Promise<ResolvedIssuer | undefined> {
  const part = 'Maskinporten'
  const isByOptions = given.environment !== undefined || given.issuer !== undefined
  if (isByOptions) diagnosis.skip({ part, step: 'variables' }, 'options name the issuer')
  else await diagnosis.make({ part, step: 'variables' }, async () => [variablesFound(), undefined])
  return diagnosis.make({ part, step: 'issuer' }, async () => {
    const { environment, issuer, insecureHttp } = given
    const resolved = resolveIssuer({ environment, issuer, insecureHttp }, cliVariables(), JWKS_URI)
    return [resolved.issuers.join(' or '), resolved]
  })
}

function variablesFound(): string {
  const { read } = cliVariables()
  const [inEnvironment, inFiles, missing] = [[], [], []] as [string[], string[], string[]]
  for (const name of VARIABLES) {
    if (process.env[name]) inEnvironment.push(name)
    else if (read(name) !== undefined) inFiles.push(name)
    else missing.push(name)
  }
  if (inEnvironment.length + inFiles.length === 0)
    throw new Problem('none of NAIS’s variables is set or mounted', JWKS_URI.advice)
  const lists = [
    ['set', inEnvironment] as const,
    ['mounted', inFiles] as const,
    ['missing', missing] as const,
  ]
  return lists
    .flatMap(([title, names]) => (names.length > 0 ? [`${title}: ${names.join(', ')}`] : []))
    .join('; ')
}

/**
 * Creates the validator that an API with this configuration uses.
 *
 * @param named the issuer that the metadata names
 */
export function validatorFor(
  { issuers, metadataUrl, endpoint }: ResolvedIssuer,
  named: string | undefined,
  insecureHttp: boolean,
): MaskinportenValidator {
  const [first] = issuers
  return createMaskinportenValidator({
    issuer: named ?? first,
    metadataUrl,
    ...(endpoint !== undefined && { jwksUri: endpoint }),
    insecureHttp,
  })
}
