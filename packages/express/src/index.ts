export * from '@portvakt/core'
export {
  getMaskinportenToken,
  type MaskinportenHandler,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
