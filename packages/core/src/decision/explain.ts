import type { ClaimRules } from '../claims/check-claims.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { asRefusal, MaskinportenError } from '../errors/maskinporten-error.js'
import type { Clock } from '../platform/clock.js'
import { type Call, checkOwnRule } from '../requirements/access.js'
import { ACCESS_CHECKS, TOKEN_CHECKS } from '../requirements/checks.js'
import type { PreparedRequirement, PreparedRule } from '../requirements/requirement.js'
import type { Reading, ReadingStep, TokenVerifier } from '../verifiers/token-verifier.js'
import { type Explanation, ExplanationDraft } from './explanation.js'

/** What the steps before the claims ask for. */
const READING: Readonly<Record<ReadingStep, string>> = {
  spelling: 'a signed JWT in its one canonical spelling, with a header that is understood completely',
  key: 'signed with a key that Maskinporten publishes',
  signature: 'the signature belongs to this header and these claims',
  introspection: 'Texas says that the token is active',
  claims: 'every claim is there and has Maskinporten’s form',
}

const ASKS_NOBODY =
  'This cannot be told by what is loaded, and an explanation asks nobody; a request with this token would.'
const ASK_FIRST =
  'Await `ready()` and explain it again. Texas is only asked by a decision: see the event of `onDecision`.'

/** What an explanation needs of a validator's policy. */
interface ExplainRules extends ClaimRules {
  readonly audience: readonly string[] | undefined
  readonly clock: Clock
}

/**
 * Goes through the checks of a decision without deciding: everything that a decision would find first, and what
 * else can be told without asking anybody. Functions of the application run only where a decision runs them:
 * on tokens that have passed everything before them.
 */
export async function explain<Request>(
  token: string,
  requirement: PreparedRequirement<Request>,
  context: { readonly request?: Request } | undefined,
  reader: TokenVerifier,
  policy: ExplainRules,
): Promise<Explanation> {
  const draft = new ExplanationDraft()
  const now = policy.clock.now() / 1000
  const claims = await read(token, reader, now, draft)
  for (const { name, check, asks } of TOKEN_CHECKS) {
    if (claims) draft.run(name, asks(policy), () => check(claims, policy, now))
    else draft.notReached(name, asks(policy))
  }

  // A requirement that needs the request is only ever given one by the caller that has it.
  const request = context?.request as Request
  const rule = requirement.rule ?? (draft.isOpen ? await requirement.ruleFor(request) : undefined)
  const call: Call<Request> = { request, now, audience: policy.audience }
  await judgeAccess(claims, rule, call, draft)
  return draft.finish(claims?.token)
}

async function read(
  token: string,
  reader: TokenVerifier,
  now: number,
  draft: ExplanationDraft,
): Promise<ReadClaims | undefined> {
  const reading: Reading = { now }
  const outcome = await reader.verifyOffline(token, reading).catch(asRefusal)
  const isRead = outcome !== undefined && !(outcome instanceof MaskinportenError)
  const stoppedAt = isRead ? reader.steps.length : reader.steps.indexOf(reading.step ?? 'spelling')
  reader.steps.forEach((step, index) => {
    if (index < stoppedAt) draft.passed(step, READING[step])
    else if (index > stoppedAt) draft.notReached(step, READING[step])
    else if (outcome instanceof MaskinportenError) draft.failed(step, READING[step], outcome)
    else draft.undecided(step, READING[step], ASKS_NOBODY, ASK_FIRST)
  })
  return isRead ? outcome : undefined
}

async function judgeAccess<Request>(
  claims: ReadClaims | undefined,
  rule: PreparedRule<Request> | undefined,
  call: Call<Request>,
  draft: ExplanationDraft,
): Promise<void> {
  for (const { name, check, asks, asksApplication } of ACCESS_CHECKS) {
    const text = rule ? (asks(rule, call) ?? 'nothing is asked for') : 'it depends on the request'
    if (claims && rule && (draft.isOpen || !asksApplication)) {
      draft.run(name, text, () => check(claims, rule, call))
    } else draft.notReached(name, text)
  }
  const text = rule && !rule.authorize ? 'nothing is asked for' : 'the application’s own rule'
  if (!claims || !rule || !draft.isOpen) return draft.notReached('authorize', text)
  try {
    if (rule.authorize) await checkOwnRule(claims, rule, call)
    draft.passed('authorize', text)
  } catch (error) {
    draft.failed('authorize', text, asRefusal(error))
  }
}
