import { MaskinportenClientError } from '@portvakt/client'
import { MaskinportenError } from '@portvakt/core'
import { connectionHint, PROXY_ADVICE, REASONS, safeCause, UpstreamError } from '@portvakt/core/internal'
import { withoutSecrets } from '../without-secrets.js'

/** The subject of a step: access to Maskinporten, the needs of a provider, or the needs of a consumer. */
export type Part = 'Maskinporten' | 'provider' | 'consumer'

export interface StepReport {
  readonly part: Part
  readonly step: string
  /** The scope that is checked, if the step runs once for each scope. */
  readonly subject?: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
  /** How to fix a failed step, or how to improve a passed one. Always present if the step failed. */
  readonly fix?: string
}

/** The result of a passed step. A `fix` names a possible improvement. */
export type Finding = string | { readonly detail: string; readonly fix: string }

/** The error that a step throws to fail. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message)
  }
}

interface Step {
  readonly part: Part
  readonly step: string
  readonly subject?: string
  /** The names of the steps that this one depends on. */
  readonly needs?: readonly string[]
}

/** Runs the steps one after another, and collects their reports. */
export class Diagnosis {
  readonly #steps: StepReport[] = []
  /** Failed steps, and steps that were skipped because they depend on a step in this set. */
  readonly #blocked = new Set<string>()

  /** @param onStep called after each step, so that its report can be printed before the next step runs */
  constructor(private readonly onStep: (report: StepReport) => void = () => undefined) {}

  get steps(): readonly StepReport[] {
    return this.#steps
  }

  get failed(): number {
    return this.#steps.filter(({ outcome }) => outcome === 'failed').length
  }

  hasPassed(step: string): boolean {
    return this.#steps.some((one) => one.step === step && one.outcome === 'passed')
  }

  /**
   * Runs a step, unless a step that it needs has failed. A step that is skipped because it does not apply
   * does not block the steps that need it.
   *
   * @returns the second member of the result of `run`; undefined unless the step passed
   */
  async make<T>(
    { needs = [], ...step }: Step,
    run: () => Promise<readonly [Finding, T]>,
  ): Promise<T | undefined> {
    const missing = needs.find((name) => this.#blocked.has(name))
    if (missing !== undefined) {
      this.#blocked.add(step.step)
      this.skip(step, `needs the step ${missing}`)
      return undefined
    }
    try {
      const [finding, result] = await run()
      const found = typeof finding === 'string' ? { detail: finding } : finding
      this.#add({ ...step, outcome: 'passed', ...found })
      return result
    } catch (error) {
      this.#blocked.add(step.step)
      this.#add({ ...step, outcome: 'failed', ...problemOf(error) })
      return undefined
    }
  }

  skip(step: Omit<Step, 'needs'>, detail: string): void {
    this.#add({ ...step, outcome: 'skipped', detail })
  }

  #add(report: StepReport): void {
    const safe = { ...report, detail: withoutSecrets(report.detail) }
    this.#steps.push(safe)
    this.onStep(safe)
  }
}

/** Describes an error in text that is safe to print. The message of an unexpected error is dropped. */
function problemOf(error: unknown): { readonly detail: string; readonly fix: string } {
  if (error instanceof Problem) return { detail: error.message, fix: error.fix }
  if (error instanceof MaskinportenClientError) return ofClient(error)
  if (error instanceof MaskinportenError) {
    const { cause, fix } = REASONS[error.reason].hint
    return error.cause instanceof UpstreamError ? ofUpstream(error.cause) : { detail: cause, fix }
  }
  if (error instanceof UpstreamError) return ofUpstream(error)
  // Portvakt's packages throw a TypeError for a wrong configuration. Its message says what to write instead.
  if (error instanceof TypeError) return { detail: error.message, fix: 'correct the configuration' }
  return {
    detail: safeCause(error).message,
    fix: 'run the command again, and report the error if it remains',
  }
}

function ofUpstream({ reason, code, message }: UpstreamError) {
  const named = code === undefined ? '' : ` (${code})`
  switch (reason) {
    case 'unreachable':
      return { detail: `it cannot be reached${named}`, fix: connectionHint(code) }
    case 'proxy_not_used':
      return { detail: `it cannot be reached directly${named}`, fix: PROXY_ADVICE }
    case 'timeout':
      return { detail: 'it does not answer in time', fix: connectionHint('ETIMEDOUT') }
    case 'bad_status':
      return { detail: message, fix: 'correct the address, or see Digdir’s status page' }
    default:
      return {
        detail: message,
        fix: 'call the address from here: a proxy or a login page can answer in its place',
      }
  }
}

function ofClient(error: MaskinportenClientError) {
  const { code, maskinportenCode, status, traceId, description, hint } = error
  const trace = traceId === undefined ? undefined : `trace id ${traceId}`
  const names = [code, error.error, maskinportenCode, status, trace].filter((name) => name !== undefined)
  const said = description === undefined ? '' : `: “${description}”`
  return { detail: `${hint.cause} (${names.join(', ')})${said}`, fix: hint.fix }
}
