import type { ReadClaims } from '../../src/claims/read-claims.js'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import type { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import type { AccessRule } from '../../src/requirements/demands.js'
import type { AccessContext } from '../../src/requirements/prepared-demand.js'
import { type PreparedRule, prepareRequirement } from '../../src/requirements/requirement.js'
import { refusalOf } from '../refusal.js'

export const NOW = 1_800_000_000

export const organisation = (number: string) => ({
  authority: 'iso6523-actorid-upis',
  id: `0192:${number}`,
  organisationNumber: number,
})
export const CONSUMER = organisation('889640782')
export const ESEAL = { authority: 'etsi-en-319-412', id: 'NTRNO-555555555' }

/** Returns a token with every scope. Its other members are only those that the checks read. */
export function claims(changes: Partial<VerifiedToken> = {}): ReadClaims {
  const token = { consumer: CONSUMER, audience: [], systemUsers: [], consents: [], ...changes }
  return { token: token as unknown as VerifiedToken, hasScope: () => true, notBefore: undefined, memory: 0 }
}

/** Returns the refusal of a token by a prepared rule, or undefined if the rule allows the token. */
export async function refusalBy<Request>(
  rule: PreparedRule<Request>,
  token: ReadClaims,
  context: Partial<AccessContext<Request>> = {},
): Promise<MaskinportenError | undefined> {
  const access = { request: undefined as Request, now: NOW, audience: undefined, trace: {}, ...context }
  return refusalOf((async () => rule.check(token, access))())
}

/**
 * Returns `allowed`, or the reason with which a rule refuses a token with these members. The rule gets a scope
 * that every token has.
 */
export async function outcome<Request = unknown>(
  rule: Omit<AccessRule<Request>, 'scope'>,
  token: Partial<VerifiedToken>,
  context?: Partial<AccessContext<Request>>,
): Promise<string> {
  const prepared = prepareRequirement<Request>({ scope: 'nav:a', ...rule })
  const refusal = await refusalBy(await prepared.ruleFor(undefined as Request), claims(token), context)
  return refusal?.reason ?? 'allowed'
}
