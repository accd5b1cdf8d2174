export * from '@portvakt/core'
export {
  getMaskinportenToken,
  type MaskinportenMiddleware,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
