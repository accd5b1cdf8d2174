import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { asRefusal, MaskinportenError } from '../errors/maskinporten-error.js'
import type { Clock } from '../platform/clock.js'
import { DEMANDS } from '../requirements/demands.js'
import type { PreparedRequirement } from '../requirements/requirement.js'
import type { Reading, ReadingStep, TokenVerifier } from '../verifiers/token-verifier.js'
import { type Explanation, ExplanationDraft } from './explanation.js'

const READING: Readonly<Record<ReadingStep, string>> = {
  spelling: 'a signed JWT in canonical form, with a header that contains no unsupported parameter',
  key: 'signed with a key that Maskinporten publishes',
  signature: 'the signature belongs to this header and these claims',
  introspection: 'Texas says that the token is active',
  claims: 'every claim is present and has Maskinporten’s form',
}

const NOT_LOADED = Object.freeze({
  cause:
    'The loaded keys do not decide this, and an explanation fetches nothing. A request with this token would.',
  fix: 'Await `ready()` and explain the token again. Only a decision asks Texas: see the event of `onDecision`.',
})

interface ExplainRules extends ClaimRules {
  readonly audience: readonly string[] | undefined
  readonly clock: Clock
}

/**
 * Runs the checks of a decision one by one, also after a failure, without a fetch. Functions of the application
 * run only where a decision runs them: for tokens that have passed every earlier check.
 */
export async function explain<Request>(
  token: string,
  requirement: PreparedRequirement<Request>,
  context: { readonly request?: Request } | undefined,
  verifier: TokenVerifier,
  policy: ExplainRules,
): Promise<Explanation> {
  const draft = new ExplanationDraft()
  const { clockTolerance, maxTokenLifetime, issuer, audience } = policy
  const now = policy.clock.now() / 1000
  const claims = await read(token, verifier, now, draft)
  await draft.run(
    'time',
    `\`iat\`, \`nbf\` and \`exp\` are valid (±${clockTolerance} s), at most ${maxTokenLifetime} s apart`,
    claims && (() => checkTime(claims, policy, now)),
  )
  await draft.run(
    'issuer',
    `\`iss\` is ${issuer.issuer() ?? 'the issuer that the metadata names'}`,
    claims && (() => checkIssuer(claims, policy)),
  )

  // A requirement that reads the request comes with one.
  const request = context?.request as Request
  const rule = requirement.rule ?? (draft.isOpen ? await requirement.ruleFor(request) : undefined)
  const access = { request, now, audience, trace: {} }
  for (const { name, asksApplication } of DEMANDS) {
    const demand = rule?.demands.find((compiled) => compiled.name === name)
    const expected = rule ? (demand?.expected(audience) ?? 'nothing is required') : 'depends on the request'
    const canRun = rule && (draft.isOpen || !asksApplication)
    await draft.run(name, expected, claims && canRun ? () => demand?.check(claims, access) : undefined)
  }
  return draft.finish(claims?.token)
}

async function read(
  token: string,
  verifier: TokenVerifier,
  now: number,
  draft: ExplanationDraft,
): Promise<ReadClaims | undefined> {
  const reading: Reading = { now }
  const outcome = await verifier.verifyOffline(token, reading).catch(asRefusal)
  const isRead = outcome !== undefined && !(outcome instanceof MaskinportenError)
  const stoppedAt = isRead ? verifier.steps.length : verifier.steps.indexOf(reading.step ?? 'spelling')
  for (const [index, check] of verifier.steps.entries()) {
    const expected = READING[check]
    if (index < stoppedAt) draft.add({ check, outcome: 'passed', expected })
    else if (index > stoppedAt) draft.add({ check, outcome: 'not_reached', expected })
    else if (outcome instanceof MaskinportenError) draft.addFailure(check, expected, outcome)
    else draft.add({ check, outcome: 'undecided', expected, hint: NOT_LOADED })
  }
  return isRead ? outcome : undefined
}
