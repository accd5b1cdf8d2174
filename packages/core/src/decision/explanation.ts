import type { VerifiedToken } from '../claims/verified-token.js'
import { hintFor } from '../errors/hint.js'
import { KEY_PROBLEMS } from '../errors/key-problem.js'
import { asRefusal, type MaskinportenError } from '../errors/maskinporten-error.js'
import type { Hint } from '../errors/reasons/reason.js'
import type { MaskinportenCode, MaskinportenReason } from '../errors/reasons/reasons.js'
import type { AccessRule } from '../requirements/demands.js'
import type { ReadingStep } from '../verifiers/token-verifier.js'

/** One check, by a name of its own. Those of a requirement have the names of its members. */
export type CheckName = ReadingStep | 'time' | 'issuer' | keyof AccessRule

/** One check of a token, and how it went. */
export interface CheckReport {
  readonly check: CheckName
  /**
   * - `passed`: the token satisfies the check, or nothing is required.
   * - `failed`: the token is refused for this.
   * - `undecided`: the check needs a fetch or Texas, and an explanation asks neither.
   * - `not_reached`: after an earlier `failed` or `undecided`, this check did not run or did not fail.
   */
  readonly outcome: 'passed' | 'failed' | 'undecided' | 'not_reached'
  /** With `failed`: true for the failure that a decision gives, the first one; false for later ones. */
  readonly decisive?: boolean
  /** What the check requires. */
  readonly expected: string
  /** With `failed`: the reason of the refusal. */
  readonly reason?: MaskinportenReason
  /** Name of the claim that is missing or malformed, when that is the failure. */
  readonly claim?: string
  /** With `failed` and `undecided`: what happened and what to do. */
  readonly hint?: Hint
}

/**
 * Why a token is let in or refused. For people: `String(explanation)` is a text, a check a line.
 *
 * It never holds the token, a person's number or a claim that nobody has verified.
 */
export interface Explanation {
  readonly verdict: 'allowed' | 'refused' | 'undecided'
  /** Of the first failure, the same that a decision gives. */
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /** Every check, in the order of judging. */
  readonly checks: readonly CheckReport[]
  /** What the token says; only when its signature is verified. */
  readonly token?: ExplainedToken
}

/** What a verified token may show to the developer of a client. */
export type ExplainedToken = Pick<
  VerifiedToken,
  'scopes' | 'consumer' | 'supplier' | 'delegationSource' | 'audience' | 'issuedAt' | 'expiresAt'
>

/** Collects the outcomes of checks, in their order. */
export class ExplanationDraft {
  readonly #checks: CheckReport[] = []
  #refusal: MaskinportenError | undefined

  /** Whether every check so far passed. */
  get isOpen(): boolean {
    return this.#checks.every(({ outcome }) => outcome === 'passed')
  }

  /**
   * Runs a check, also after a failure: a later check may fail too.
   *
   * @param run undefined when the check cannot run
   */
  async run(check: CheckName, expected: string, run: (() => unknown) | undefined): Promise<void> {
    try {
      await run?.()
      this.add({ check, outcome: run && this.isOpen ? 'passed' : 'not_reached', expected })
    } catch (error) {
      this.addFailure(check, expected, asRefusal(error))
    }
  }

  addFailure(check: CheckName, expected: string, refusal: MaskinportenError): void {
    const { reason, claim, keyProblem } = refusal
    const decisive = this.isOpen
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
      verdict: refusal ? 'refused' : this.isOpen ? 'allowed' : 'undecided',
      ...(refusal && { code: refusal.code, reason: refusal.reason }),
      checks: Object.freeze(this.#checks),
      ...(token && { token: shown(token) }),
    }
    return Object.freeze(Object.defineProperty(explanation, 'toString', { value: () => textOf(explanation) }))
  }
}

function shown(token: VerifiedToken): ExplainedToken {
  const { scopes, consumer, supplier, delegationSource, audience, issuedAt, expiresAt } = token
  return Object.freeze({
    scopes,
    consumer,
    ...(supplier && { supplier }),
    ...(delegationSource !== undefined && { delegationSource }),
    audience,
    issuedAt,
    expiresAt,
  })
}

const MARKS: Readonly<Record<CheckReport['outcome'], string>> = {
  passed: '✓',
  failed: '✗',
  undecided: '?',
  not_reached: '·',
}

function textOf({ verdict, reason, checks }: Explanation): string {
  const lines = checks.flatMap(({ check, outcome, decisive, expected, hint }) => [
    `  ${MARKS[outcome]} ${check}: ${expected}${decisive === false ? ' (too)' : ''}`,
    ...(hint ? [`      ${hint.cause}`, `      → ${hint.fix}`] : []),
  ])
  return [reason === undefined ? verdict : `${verdict}: ${reason}`, ...lines].join('\n')
}
