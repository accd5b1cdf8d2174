export * from '@portvakt/core'
export { getMaskinportenToken } from './maskinporten-token.js'
export { type MaskinportenHandler, requireMaskinportenScope } from './require-maskinporten-scope.js'
