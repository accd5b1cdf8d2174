import type { VerifiedToken } from '../claims/verified-token.js'
import { adviceOn } from '../errors/advice.js'
import { KEY_PROBLEMS } from '../errors/key-problem.js'
import {
  type MaskinportenCode,
  MaskinportenError,
  type MaskinportenReason,
} from '../errors/maskinporten-error.js'
import type { AccessCheck, TokenCheck } from '../requirements/checks.js'
import type { ReadingStep } from '../verifiers/token-verifier.js'

/** One check, by a name of its own. Those of a requirement have the names of its members. */
export type CheckName = ReadingStep | TokenCheck['name'] | AccessCheck['name'] | 'authorize'

/** One check of a token, and how it went. */
export interface CheckReport {
  readonly check: CheckName
  /**
   * - `passed`: nothing to object to, also where nothing is asked for.
   * - `failed`: this is why the token is refused. One check at most.
   * - `undecided`: this cannot be told without asking somebody, and an explanation asks nobody.
   * - `also_failed`: the token would be refused for this too, were it not refused before.
   * - `not_reached`: everything else after `failed` or `undecided`.
   */
  readonly outcome: 'passed' | 'failed' | 'undecided' | 'also_failed' | 'not_reached'
  /** What the check asks for. */
  readonly asks: string
  /** With a failure: the reason with which it is refused. */
  readonly reason?: MaskinportenReason
  /** Name of the claim that is missing or malformed, where that is why. */
  readonly claim?: string
  /** With a failure, or undecided: what happened. */
  readonly meaning?: string
  /** With a failure, or undecided: what to do. */
  readonly remedy?: string
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
  #isUndecided = false

  /** Whether every check so far was passed. */
  get isOpen(): boolean {
    return this.#refusal === undefined && !this.#isUndecided
  }

  /** Runs a check, whatever came before it: one that can be judged alone may fail too. */
  run(check: CheckName, asks: string, judge: () => void): void {
    try {
      judge()
    } catch (error) {
      if (!(error instanceof MaskinportenError)) throw error
      this.failed(check, asks, error)
      return
    }
    this.#add(check, this.isOpen ? 'passed' : 'not_reached', asks)
  }

  passed(check: CheckName, asks: string): void {
    this.#add(check, 'passed', asks)
  }

  failed(check: CheckName, asks: string, refusal: MaskinportenError): void {
    const { reason, claim, keyProblem } = refusal
    const outcome = this.isOpen ? 'failed' : 'also_failed'
    this.#refusal ??= refusal
    const { meaning, remedy } = adviceOn(refusal)
    const details = [
      ...(claim ? [`Here it is \`${claim}\`.`] : []),
      ...(keyProblem ? [`Here ${KEY_PROBLEMS[keyProblem]}.`] : []),
    ]
    this.#add(check, outcome, asks, {
      reason,
      ...(claim && { claim }),
      meaning: [meaning, ...details].join(' '),
      remedy,
    })
  }

  undecided(check: CheckName, asks: string, meaning: string, remedy: string): void {
    this.#isUndecided = true
    this.#add(check, 'undecided', asks, { meaning, remedy })
  }

  notReached(check: CheckName, asks: string): void {
    this.#add(check, 'not_reached', asks)
  }

  finish(token: VerifiedToken | undefined): Explanation {
    const refusal = this.#refusal
    const explanation: Explanation = {
      verdict: refusal ? 'refused' : this.#isUndecided ? 'undecided' : 'allowed',
      ...(refusal && { code: refusal.code, reason: refusal.reason }),
      checks: Object.freeze(this.#checks),
      ...(token && { token: shown(token) }),
    }
    return Object.freeze(Object.defineProperty(explanation, 'toString', { value: () => textOf(explanation) }))
  }

  #add(check: CheckName, outcome: CheckReport['outcome'], asks: string, more: Partial<CheckReport> = {}) {
    this.#checks.push(Object.freeze({ check, outcome, asks, ...more }))
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
  also_failed: '✗',
  not_reached: '·',
}

function textOf({ verdict, reason, checks }: Explanation): string {
  const lines = checks.flatMap(({ check, outcome, asks, meaning, remedy }) => [
    `  ${MARKS[outcome]} ${check}: ${asks}${outcome === 'also_failed' ? ' (too)' : ''}`,
    ...(meaning === undefined ? [] : [`      ${meaning}`]),
    ...(remedy === undefined ? [] : [`      → ${remedy}`]),
  ])
  return [reason === undefined ? verdict : `${verdict}: ${reason}`, ...lines].join('\n')
}
