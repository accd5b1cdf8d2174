import type { ReadClaims } from '../../src/claims/read-claims.js'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import type { AccessRule } from '../../src/requirements/demands.js'
import type { AccessContext } from '../../src/requirements/prepared-demand.js'
import { type PreparedRule, prepareRequirement } from '../../src/requirements/requirement.js'

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

/** Checks a token's claims against a prepared rule, as a validator does. */
export async function checkPrepared<Request>(
  rule: PreparedRule<Request>,
  token: ReadClaims,
  context: Partial<AccessContext<Request>> = {},
): Promise<void> {
  const request = undefined as Request
  await rule.check(token, { request, now: NOW, audience: undefined, trace: {}, ...context })
}

/** Checks a token's claims against a rule. The rule gets a scope that every token has. */
export async function check<Request = unknown>(
  rule: Omit<AccessRule<Request>, 'scope'>,
  token: ReadClaims,
  context?: Partial<AccessContext<Request>>,
): Promise<void> {
  const prepared = prepareRequirement<Request>({ scope: 'nav:a', ...rule })
  await checkPrepared(await prepared.ruleFor(undefined as Request), token, context)
}
