export * from '@portvakt/core'
export { getMaskinportenToken } from './maskinporten-token.js'
export { requireMaskinportenScope } from './require-maskinporten-scope.js'
