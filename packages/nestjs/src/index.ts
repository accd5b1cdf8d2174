export {
  type AccessRequirement,
  type AccessRule,
  type Advice,
  type Consent,
  type ConsentRule,
  consentsInForce,
  createMaskinportenValidator,
  createTexasValidator,
  type DecisionEvent,
  type DelegationRule,
  type Denial,
  defaultMaskinportenValidator,
  type Explanation,
  type GuardOptions,
  type Health,
  MaskinportenError,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
  naisScopeName,
  type Organisation,
  type ScopeRequirement,
  type SystemUser,
  type TexasValidatorOptions,
  type VerifiedToken,
} from '@portvakt/core'
export { MaskinportenDeniedException } from './maskinporten-denied-exception.js'
export { MaskinportenGuard } from './maskinporten-guard.js'
export { MaskinportenModule, type MaskinportenModuleAsyncOptions } from './maskinporten-module.js'
export { getMaskinportenToken, MaskinportenToken } from './maskinporten-token.js'
export { MASKINPORTEN_VALIDATOR, type MaskinportenModuleOptions } from './module-options.js'
export { RequireMaskinportenScope, SkipMaskinporten } from './require-maskinporten-scope.js'
