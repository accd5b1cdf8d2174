export type { Advice } from './advice.js'
export { type Authorization, authorizationValues } from './bearer.js'
export { type ReadClaims, readClaims } from './claims.js'
export { type Clock, systemClock } from './clock.js'
export type { SignatureAlgorithm } from './compact-jws.js'
export { type MaskinportenValidatorOptions, VALIDATOR_OPTIONS } from './config.js'
export { connectionHint } from './connection-hint.js'
export type { Consent, ConsentGiver, ConsentRight } from './consent.js'
export { type ConsentRule, consentsInForce } from './consent-rule.js'
export type { Decision, DecisionEvent, DecisionListener } from './decision.js'
export { defaultMaskinportenValidator } from './default-validator.js'
export type { DelegationRule } from './delegation-rule.js'
export { type Denial, type DenialBody, type DenialOptions, denialOf } from './denial.js'
export {
  type MaskinportenCode,
  MaskinportenError,
  type MaskinportenErrorDetails,
  type MaskinportenReason,
} from './errors.js'
export type { CheckName, CheckReport, ExplainedToken, Explanation } from './explanation.js'
export type { Fetch, KeyFailure } from './fetch-json.js'
export { createGuard, type Guard, type GuardOptions } from './guard.js'
export type { IssuerOptions } from './issuer.js'
export type { JsonObject } from './json.js'
export type { KeyTiming, WaitUntil } from './key-freshness.js'
export type { KeyHealth } from './key-health.js'
export type { KeyProblem } from './key-problem.js'
export { isLoopback } from './loopback.js'
export { endpointIn, issuerIn } from './metadata.js'
export { type NaisVariables, naisVariables } from './nais-variables.js'
export { answerState, breakOff, type NodeRequest, type NodeResponse } from './node-answer.js'
export { takeJson, takeList, takeOptions } from './options.js'
export { iso6523Elements, type Organisation } from './organisation.js'
export { hasValidCheckDigit } from './organisation-number.js'
export { maskPersons } from './personal-data.js'
export type { PolicyOptions } from './policy.js'
export { PROXY_ADVICE, proxyIsUnused } from './proxy.js'
export {
  type AccessRequirement,
  type AccessRule,
  type PreparedRequirement,
  prepareRequirement,
  uncalledFactory,
} from './requirement.js'
export { type EndpointNames, type GivenIssuer, type ResolvedIssuer, resolveIssuer } from './resolve-issuer.js'
export { safeCause } from './safe-cause.js'
export { type NaisScope, naisScopeName, type ScopeRequirement } from './scope.js'
export type { SystemUser } from './system-user.js'
export { createTexasValidator, type TexasValidatorOptions } from './texas-validator.js'
export { checkUrl } from './url-rule.js'
export { createMaskinportenValidator, type MaskinportenValidator, type RequestContext } from './validator.js'
export type { VerifiedToken } from './verified-token.js'
