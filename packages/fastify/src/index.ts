export {
  type AccessRequirement,
  type AccessRule,
  type Advice,
  type Consent,
  type ConsentRule,
  consentsInForce,
  createMaskinportenValidator,
  type DecisionEvent,
  type DelegationRule,
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
  type SystemUser,
  type VerifiedToken,
} from '@portvakt/core'
export { type MaskinportenPluginOptions, type MatchedRoute, maskinporten } from './plugin.js'
export {
  getMaskinportenToken,
  type MaskinportenHook,
  requireMaskinportenScope,
} from './require-maskinporten-scope.js'
