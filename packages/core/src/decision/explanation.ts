import type { VerifiedToken } from '../claims/verified-token.js'
import { hintFor } from '../errors/hint.js'
import { KEY_PROBLEMS } from '../errors/key-problem.js'
import { asRefusal, type MaskinportenError } from '../errors/maskinporten-error.js'
import type { Hint } from '../errors/reasons/reason.js'
import type { MaskinportenCode, MaskinportenReason } from '../errors/reasons/reasons.js'
import type { AccessRule } from '../requirements/demands.js'
import type { VerificationStep } from '../verifiers/token-verifier.js'

/** A check of a requirement has the name of the requirement's member, such as `consumers`. */
export type CheckName = VerificationStep | 'time' | 'issuer' | keyof AccessRule

/** One check of a token. */
export interface CheckReport {
  readonly check: CheckName
  /**
   * - `passed`: the token satisfies the check, or nothing is required.
   * - `failed`: the token does not satisfy the check.
   * - `undecided`: the check needs a fetch or Texas, and `explain` uses neither.
   * - `not_reached`: an earlier check was `failed` or `undecided`, and this check did not run or did not
   *   fail.
   */
  readonly outcome: 'passed' | 'failed' | 'undecided' | 'not_reached'
  /**
   * Present with `failed`: true for the first failure, which decides the refusal; false for later failures.
   */
  readonly decisive?: boolean
  /** What the check requires. */
  readonly expected: string
  /** The reason why the check failed; present with `failed`. */
  readonly reason?: MaskinportenReason
  /** The claim that is missing or malformed, if this made the check fail. */
  readonly claim?: string
  /** The cause of the outcome, and how to fix it; present with `failed` and `undecided`. */
  readonly hint?: Hint
}

/**
 * Why a token is allowed or refused. `String(explanation)` is a text that lists every check.
 *
 * An explanation never holds the token, a national identity number or an unverified claim.
 */
export interface Explanation {
  readonly verdict: 'allowed' | 'refused' | 'undecided'
  /** The code of the first failed check. A decision on this token would have this code and this reason. */
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /** Every check, in the order in which a decision runs the checks. */
  readonly checks: readonly CheckReport[]
  /** Present only if the signature is verified. */
  readonly token?: ExplainedToken
}

/** The members of a verified token that are shown in an explanation. */
export type ExplainedToken = Pick<
  VerifiedToken,
  'scopes' | 'consumer' | 'supplier' | 'delegationSource' | 'audience' | 'issuedAt' | 'expiresAt'
>

/** Collects the outcomes of checks. */
export class ExplanationDraft {
  readonly #checks: CheckReport[] = []
  #refusal: MaskinportenError | undefined

  /** Whether every check so far passed. */
  get allPassed(): boolean {
    return this.#checks.every(({ outcome }) => outcome === 'passed')
  }

  /** @param run runs the check, and throws if the check fails; undefined when the check cannot run */
  async run(check: CheckName, expected: string, run: (() => unknown) | undefined): Promise<void> {
    try {
      await run?.()
      this.add({ check, outcome: run && this.allPassed ? 'passed' : 'not_reached', expected })
    } catch (error) {
      this.addFailure(check, expected, asRefusal(error))
    }
  }

  addFailure(check: CheckName, expected: string, refusal: MaskinportenError): void {
    const { reason, claim, keyProblem } = refusal
    const decisive = this.allPassed
    this.#refusal ??= refusal
    const { cause: general, fix } = hintFor(refusal)
    const cause = [
      general,
      ...(claim ? [`Here it is \`${claim}\`.`] : []),
      ...(keyProblem ? [`Here ${KEY_PROBLEMS[keyProblem]}.`] : []),
    ].join(' ')
    const hint = Object.freeze({ cause, fix })
    this.add({ check, outcome: 'failed', decisive, expected, reason, ...(claim && { claim }), hint })
  }

  add(report: CheckReport): void {
    this.#checks.push(Object.freeze(report))
  }

  finish(token: VerifiedToken | undefined): Explanation {
    const refusal = this.#refusal
    const explanation: Explanation = {
      verdict: refusal ? 'refused' : this.allPassed ? 'allowed' : 'undecided',
      ...(refusal && { code: refusal.code, reason: refusal.reason }),
      checks: Object.freeze(this.#checks),
      ...(token && { token: shown(token) }),
    }
    return Object.freeze(Object.defineProperty(explanation, 'toString', { value: () => textOf(explanation) }))
  }
}

function shown(token: VerifiedToken): ExplainedToken {
  const { scopes, consumer, supplier, delegationSource, audience, issuedAt, expiresAt } = token
  return Object.freeze({ scopes, consumer, supplier, delegationSource, audience, issuedAt, expiresAt })
}

const MARKS: Readonly<Record<CheckReport['outcome'], string>> = {
  passed: '✓',
  failed: '✗',
  undecided: '?',
  not_reached: '·',
}

function textOf({ verdict, reason, checks }: Explanation): string {
  const lines = checks.flatMap(({ check, outcome, decisive, expected, hint }) => [
    `  ${MARKS[outcome]} ${check}: ${expected}${decisive === false ? ' (also failed)' : ''}`,
    ...(hint ? [`      ${hint.cause}`, `      → ${hint.fix}`] : []),
  ])
  return [reason === undefined ? verdict : `${verdict}: ${reason}`, ...lines].join('\n')
}
