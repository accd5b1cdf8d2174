import { MaskinportenClientError } from '@portvakt/client'
import { MaskinportenError } from '@portvakt/core'
import { connectionHint, PROXY_ADVICE, REASONS, safeCause, UpstreamError } from '@portvakt/core/internal'

/** What a step is about: the way to Maskinporten, what a provider needs, or what a consumer needs. */
export type Part = 'Maskinporten' | 'provider' | 'consumer'

export interface StepReport {
  readonly part: Part
  readonly step: string
  /** What the step is about, if it is made several times: a scope. */
  readonly subject?: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
  /** What to do. Always there with `failed`, and sometimes with `passed`. */
  readonly fix?: string
}

/** What a step that passed has found, and what could still be better. */
export type Finding = string | { readonly detail: string; readonly fix: string }

/** Fails a step. */
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
  /** Steps without which this one cannot be made. */
  readonly needs?: readonly string[]
}

/** Makes the steps one after another, and collects what they find. */
export class Diagnosis {
  readonly #steps: StepReport[] = []
  /** The steps that failed, and those that could not be made without them. */
  readonly #blocked = new Set<string>()

  /** @param onStep called after each step, so that a slow step does not hide the others */
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
   * Makes a step, unless one that it needs has failed. A step that does not apply does not block others.
   *
   * @returns what `run` returns next to its finding; undefined unless the step passed
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
    this.#steps.push(report)
    this.onStep(report)
  }
}

/** Describes an error by what is safe to print: never by the message of an error that is not ours. */
function problemOf(error: unknown): { readonly detail: string; readonly fix: string } {
  if (error instanceof Problem) return { detail: error.message, fix: error.fix }
  if (error instanceof MaskinportenClientError) return ofClient(error)
  if (error instanceof MaskinportenError) {
    const { cause, fix } = REASONS[error.reason].hint
    return error.cause instanceof UpstreamError ? ofUpstream(error.cause) : { detail: cause, fix }
  }
  if (error instanceof UpstreamError) return ofUpstream(error)
  // The packages throw a TypeError for a wrong configuration. It says what to write instead.
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
