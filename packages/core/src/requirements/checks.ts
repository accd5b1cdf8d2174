import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import {
  acceptedAudiences,
  type Call,
  checkAudience,
  checkConsent,
  checkConsumer,
  checkDelegation,
  checkPid,
  checkScope,
  checkSystemUser,
} from './access.js'
import type { PreparedRule } from './requirement.js'

/**
 * The checks of a token whose claims are known, in the order of judging, for going through them one by one.
 * They are the very functions that decide requests, so a decision and its explanation cannot disagree. The
 * story in validator.ts calls them by name, in this order, which a test compares: that costs a tenth of a loop.
 */

/** A check of the token itself, whatever the route. */
export interface TokenCheck {
  readonly name: 'time' | 'issuer'
  /** Throws a `MaskinportenError` unless it is passed. */
  readonly check: (claims: ReadClaims, rules: ClaimRules, now: number) => void
  /** What it asks for, for people. */
  readonly asks: (rules: ClaimRules) => string
}

/** A check of what a route demands. */
export interface AccessCheck {
  readonly name: 'audience' | 'scope' | 'consumers' | 'delegation' | 'systemUser' | 'consent' | 'pid'
  /** Throws a `MaskinportenError` unless it is passed. */
  readonly check: <Request>(claims: ReadClaims, rule: PreparedRule<Request>, call: Call<Request>) => void
  /** What it asks for, for people; undefined where the rule asks for nothing. */
  readonly asks: (rule: PreparedRule<never>, call: Call) => string | undefined
  /** True when it runs a function of the application, which is only ever asked about good tokens. */
  readonly asksApplication?: true
}

export const TOKEN_CHECKS: readonly TokenCheck[] = [
  {
    name: 'time',
    check: checkTime,
    asks: (policy) =>
      `issued, begun and not ended, give or take ${policy.clockTolerance} s; a life of ${policy.maxTokenLifetime} s at most`,
  },
  {
    name: 'issuer',
    check: checkIssuer,
    asks: ({ issuer }) => `\`iss\` is ${issuer.issuer() ?? 'the issuer that the metadata names'}`,
  },
]

export const ACCESS_CHECKS: readonly AccessCheck[] = [
  {
    name: 'audience',
    check: checkAudience,
    asks: (rule, call) => {
      const accepted = acceptedAudiences(rule, call)
      return accepted && `\`aud\` names ${accepted.join(' or ')}`
    },
  },
  {
    name: 'scope',
    check: checkScope,
    asks: ({ scope }) => scope.text,
  },
  {
    name: 'consumers',
    check: checkConsumer,
    asks: ({ consumers }) =>
      consumers && `the consumer is on the list of ${consumers.size}, by its organisation number`,
  },
  {
    name: 'delegation',
    check: checkDelegation,
    asks: ({ delegation }) => {
      if (delegation === undefined || delegation === 'forbidden') return delegation
      const { suppliers, sources } = delegation
      const supplier = suppliers ? `a supplier on the list of ${suppliers.size}` : 'a supplier'
      return sources ? `${supplier}, delegated at ${[...sources].join(' or ')}` : supplier
    },
  },
  {
    name: 'systemUser',
    check: checkSystemUser,
    asks: ({ systemUser }) => (systemUser ? 'a system user' : undefined),
  },
  {
    name: 'consent',
    check: checkConsent,
    asks: ({ consent }) =>
      consent && `a consent to the consumer that has not ended${coverage(consent.resources)}`,
  },
  {
    name: 'pid',
    check: checkPid,
    asks: ({ pid }) => pid && 'restricted to the person that the request is about',
    asksApplication: true,
  },
]

function coverage(resources: readonly string[]): string {
  return resources.length > 0 ? `, for ${resources.join(' and ')}` : ''
}
