export * from '@portvakt/core'
export { type MaskinportenPluginOptions, type MatchedRoute, maskinporten } from './plugin.js'
export {
  getMaskinportenToken,
  type MaskinportenHook,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
