export type { Consent, ConsentGiver, ConsentRight } from './claims/consent.js'
export { hasValidCheckDigit, iso6523Elements, type Organisation } from './claims/organisation.js'
export { type ReadClaims, readClaims } from './claims/read-claims.js'
export { maskPersons } from './claims/redact.js'
export type { SystemUser } from './claims/system-user.js'
export type { VerifiedToken } from './claims/verified-token.js'
export type { IssuerOptions } from './config/issuer.js'
export type { PolicyOptions } from './config/policy.js'
export {
  type EndpointNames,
  type GivenIssuer,
  type ResolvedIssuer,
  resolveIssuer,
} from './config/resolve-issuer.js'
export { type MaskinportenValidatorOptions, VALIDATOR_OPTIONS } from './config/validator-options.js'
export type { Decision, DecisionEvent, DecisionListener } from './decision/decision.js'
export type { CheckName, CheckReport, ExplainedToken, Explanation } from './decision/explanation.js'
export type { Advice } from './errors/advice.js'
export type { KeyProblem } from './errors/key-problem.js'
export {
  type MaskinportenCode,
  MaskinportenError,
  type MaskinportenErrorDetails,
  type MaskinportenReason,
} from './errors/maskinporten-error.js'
export { createGuard, defaultMaskinportenValidator, type Guard, type GuardOptions } from './guard.js'
export { type Authorization, authorizationValues } from './http/bearer.js'
export { type Denial, type DenialBody, type DenialOptions, denialOf } from './http/denial.js'
export { answerState, breakOff, type NodeRequest, type NodeResponse } from './http/node-answer.js'
export type { SignatureAlgorithm } from './jws/compact-jws.js'
export type { KeyTiming, WaitUntil } from './keys/freshness.js'
export type { Health } from './keys/health.js'
export { endpointIn, issuerIn } from './keys/metadata.js'
export { type Clock, systemClock } from './platform/clock.js'
export { connectionHint } from './platform/connection-hint.js'
export { type NaisVariables, naisVariables, PROXY_ADVICE, proxyIsUnused } from './platform/environment.js'
export type { Fetch, UpstreamFailure } from './platform/fetch-json.js'
export type { JsonObject } from './platform/json.js'
export { isLoopback } from './platform/loopback.js'
export { takeJson, takeList, takeOptions } from './platform/options.js'
export { safeCause } from './platform/safe-cause.js'
export { checkUrl } from './platform/url-rule.js'
export { type ConsentRule, consentsInForce } from './requirements/consent.js'
export type { DelegationRule } from './requirements/delegation.js'
export {
  type AccessRequirement,
  type AccessRule,
  type PreparedRequirement,
  prepareRequirement,
  uncalledFactory,
} from './requirements/requirement.js'
export { type NaisScope, naisScopeName, type ScopeRequirement } from './requirements/scope.js'
export { createTexasValidator, type TexasValidatorOptions } from './texas-validator.js'
export { createMaskinportenValidator, type MaskinportenValidator, type RequestContext } from './validator.js'
