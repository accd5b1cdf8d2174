import { createRemoteJWKSet } from 'jose'
import { createInternalValidator, type InternalValidator } from './internal-validator.js'

/**
 * A validator for Entra ID, configured by the variables of NAIS.
 *
 * @throws {TypeError} for a missing variable
 * @see https://docs.nais.io/auth/entra-id/reference/
 */
export function entraIdFromEnvironment(env: NodeJS.ProcessEnv = process.env): InternalValidator {
  const variable = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new TypeError(`${name} is not set: enable Entra ID for the application`)
  }
  return createInternalValidator({
    issuer: variable('AZURE_OPENID_CONFIG_ISSUER'),
    audience: variable('AZURE_APP_CLIENT_ID'),
    keys: createRemoteJWKSet(new URL(variable('AZURE_OPENID_CONFIG_JWKS_URI'))),
    // NAIS gives this role to the applications that are allowed to call this API.
    role: 'access_as_application',
  })
}
