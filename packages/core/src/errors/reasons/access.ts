import { accessDenied, insufficientScope, invalidToken } from './reason.js'

const CHANGE_REQUIREMENT =
  'If the call is legitimate, change the requirement of this route. Otherwise nothing needs to be done.'

/** Refusals of a valid token by the requirement of the route. */
export const ACCESS = {
  wrong_audience: invalidToken('The token is not restricted to the audience that this API requires.', {
    cause: 'The token’s `aud` is missing, or it is not among the accepted audiences.',
    fix: 'The caller requests a token with an accepted audience as `resource`, unchanged.',
  }),
  insufficient_scope: insufficientScope('The token lacks a scope that this operation requires.', {
    cause: 'The token is valid but does not have the scopes that this route requires.',
    fix: 'The caller requests the scope. Its organisation may have to be granted the scope first.',
  }),
  nais_scope_name: insufficientScope('The token lacks a scope that this operation requires.', {
    cause: 'The token’s scope and the required one differ only in the prefix that NAIS adds in nais.yaml.',
    fix: 'Write the full name on both sides. `naisScopeName({ product, name, separator })` returns it.',
  }),
  consumer_not_allowed: accessDenied('The consumer in the token may not perform this operation.', {
    cause: 'The organisation (`consumer`) is not among the requirement’s `consumers`.',
    fix: CHANGE_REQUIREMENT,
  }),
  delegation_not_allowed: accessDenied('This operation is not allowed on behalf of another organisation.', {
    cause: 'A supplier calls on behalf of another organisation, and the requirement forbids delegation.',
    fix: CHANGE_REQUIREMENT,
  }),
  delegation_required: accessDenied('Only a supplier may perform this operation, on behalf of a consumer.', {
    cause: 'An organisation calls on its own behalf, and the requirement accepts only suppliers.',
    fix: 'The supplier requests a token with the consumer’s number as `consumer_org`.',
  }),
  supplier_not_allowed: accessDenied('The supplier in the token may not perform this operation.', {
    cause: 'The supplier is not among the requirement’s `suppliers`.',
    fix: CHANGE_REQUIREMENT,
  }),
  delegation_source_not_allowed: accessDenied('This API does not accept the source of this delegation.', {
    cause: 'The token’s `delegation_source` is not among the requirement’s `sources`.',
    fix: 'Compare `delegationSource` in the event with `sources`: they must be equal, slash included.',
  }),
  system_user_required: accessDenied('This operation requires the token of a system user.', {
    cause: 'The token does not belong to a system user.',
    fix: 'The caller requests a token with `authorization_details` of type urn:altinn:systemuser.',
  }),
  consent_required: accessDenied('This operation requires a consent that is given to the consumer.', {
    cause: 'The token lacks a consent that is given to the consumer and covers what the route requires.',
    fix: 'The caller requests a consent in Altinn and names it in `authorization_details` of its grant.',
  }),
  consent_expired: accessDenied('The consent has ended.', {
    cause: 'The consent covers the call, but its `validTo` has passed.',
    fix: 'The caller requests a new consent from the person or organisation that gave this one.',
  }),
  pid_required: accessDenied('This operation requires a token that is restricted to one person.', {
    cause: 'The token is not restricted to a person.',
    fix: 'The caller requests a token with the person’s number as `pid`.',
  }),
  pid_mismatch: accessDenied('The token is not restricted to the person that this request is about.', {
    cause: 'The request is about a person other than the token’s, or it does not name a person.',
    fix: 'The caller gets a token for each person. If it does, check the requirement’s `pid` function.',
  }),
  not_authorized: accessDenied('The caller may not perform this operation.', {
    cause: 'The requirement’s own `authorize` did not return true.',
    fix: 'Check that function. It must return `true` or a promise of `true`: other values refuse.',
  }),
  no_guard: accessDenied('This API does not declare who may perform this operation: it is refused.', {
    cause: 'The route declares no requirement, and default deny is on.',
    fix: 'Guard the route, or mark it as public.',
  }),
}
