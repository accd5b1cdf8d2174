export * from '@portvakt/core'
export { getMaskinportenToken, requireMaskinportenScope } from './require-maskinporten-scope.js'
