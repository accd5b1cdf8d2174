export * from '@portvakt/core'
export { getMaskinportenToken } from './maskinporten-token.js'
export { type MaskinportenPluginOptions, type MatchedRoute, maskinporten } from './plugin.js'
export { type MaskinportenHook, requireMaskinportenScope } from './require-maskinporten-scope.js'
