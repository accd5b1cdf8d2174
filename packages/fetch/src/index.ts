export * from '@portvakt/core'
export {
  type GuardedHandler,
  getMaskinportenToken,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
