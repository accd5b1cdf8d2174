import { type ClaimRules, checkIssuer, checkTime } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { asRefusal, MaskinportenError } from '../errors/maskinporten-error.js'
import type { Clock } from '../platform/clock.js'
import { DEMANDS } from '../requirements/demands.js'
import type { PreparedRequirement } from '../requirements/requirement.js'
import type { TokenVerifier, VerificationStep, VerificationTrace } from '../verifiers/token-verifier.js'
import { type Explanation, ExplanationDraft } from './explanation.js'

const EXPECTED: Readonly<Record<VerificationStep, string>> = {
  form: 'a signed JWT in canonical form, with a header that contains no unsupported parameter',
  key: 'signed with a key that Maskinporten publishes',
  signature: 'the signature matches the header and the claims',
  introspection: 'Texas says that the token is active',
  claims: 'every required claim is present, and every claim has the form that Maskinporten uses',
}

const UNDECIDED = Object.freeze({
  cause: 'This check needs a fetch or Texas, and `explain` uses neither. A request with this token would.',
  fix: 'Await `ready()` and call `explain` again. Only requests reach Texas: see the event of `onDecision`.',
})

interface ExplainRules extends ClaimRules {
  readonly audience: readonly string[] | undefined
  readonly clock: Clock
}

/**
 * Runs the checks of a decision one by one, and continues after a failure. Sends no requests. As in a
 * decision, functions of the application run only for a token that has passed every earlier check.
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

  // `request` is undefined only if the caller passed no request.
  const request = context?.request as Request
  const rule = requirement.rule ?? (draft.allPassed ? await requirement.ruleFor(request) : undefined)
  const access = { request, now, audience, trace: {} }
  for (const { name, callsApplication } of DEMANDS) {
    const demand = rule?.demands.find((one) => one.name === name)
    const expected = rule ? (demand?.expected(audience) ?? 'nothing is required') : 'depends on the request'
    const canRun = rule && (draft.allPassed || !callsApplication)
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
  const trace: VerificationTrace = { now }
  const outcome = await verifier.verifyOffline(token, trace).catch(asRefusal)
  const isRead = outcome !== undefined && !(outcome instanceof MaskinportenError)
  const stoppedAt = isRead ? verifier.steps.length : verifier.steps.indexOf(trace.step ?? 'form')
  for (const [index, check] of verifier.steps.entries()) {
    const expected = EXPECTED[check]
    if (index < stoppedAt) draft.add({ check, outcome: 'passed', expected })
    else if (index > stoppedAt) draft.add({ check, outcome: 'not_reached', expected })
    else if (outcome instanceof MaskinportenError) draft.addFailure(check, expected, outcome)
    else draft.add({ check, outcome: 'undecided', expected, hint: UNDECIDED })
  }
  return isRead ? outcome : undefined
}
