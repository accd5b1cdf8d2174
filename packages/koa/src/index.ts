export * from '@portvakt/core'
export { getMaskinportenToken } from './maskinporten-token.js'
export { type MaskinportenMiddleware, requireMaskinportenScope } from './require-maskinporten-scope.js'
