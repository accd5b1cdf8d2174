export * from '@portvakt/core'
export { getMaskinportenToken } from './maskinporten-token.js'
export { type GuardedHandler, requireMaskinportenScope } from './require-maskinporten-scope.js'
