export {
  type AccessRequirement,
  type AccessRule,
  createMaskinportenValidator,
  type DecisionEvent,
  type Denial,
  defaultMaskinportenValidator,
  type GuardOptions,
  type KeyHealth,
  MaskinportenError,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
  naisScopeName,
  type Organisation,
  type ScopeRequirement,
  type VerifiedToken,
} from '@portvakt/core'
export { type MaskinportenPluginOptions, type MatchedRoute, maskinporten } from './plugin.js'
export {
  getMaskinportenToken,
  type MaskinportenHook,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
