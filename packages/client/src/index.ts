export type { Hint, SignatureAlgorithm } from '@portvakt/core'
export { consent, systemUser } from './authorization-details.js'
export { type AccessToken, createMaskinportenClient, type MaskinportenClient } from './client.js'
export {
  type MaskinportenClientCode,
  MaskinportenClientError,
  type MaskinportenClientErrorDetails,
} from './client-error.js'
export type { MaskinportenClientOptions } from './configuration.js'
export type { Fetch } from './exchange.js'
export type { ClientKey } from './signing-key.js'
export type { TokenRequest } from './token-request.js'
