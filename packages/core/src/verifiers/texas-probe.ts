import { type Failure, type Health, reportFailure } from '../keys/health.js'
import { inForeground } from '../keys/key-refresh.js'
import { type Clock, Stopwatch } from '../platform/clock.js'
import { introspectionUnavailable } from './introspect.js'

interface TexasProbeParts {
  /** Sends Texas a request without a caller's token. Rejects unless Texas is alive. */
  readonly ask: (inBackground: boolean) => Promise<unknown>
  /** Limit for one probe, and minimum time between the starts of two probes, in seconds. */
  readonly deadline: number
  readonly clock: Clock
}

interface Outcome extends Failure {
  readonly probe: number
  readonly isAlive: boolean
}

/**
 * Probes Texas, for `ready()` and `health()`, without a caller's token, so that no caller can make a probe
 * fail.
 */
export class TexasProbe {
  readonly #parts: TexasProbeParts
  #begun = 0
  #age: Stopwatch | undefined
  #running: Promise<void> = Promise.resolve()
  #latest: Outcome | undefined

  constructor(parts: TexasProbeParts) {
    this.#parts = parts
  }

  /** @throws {MaskinportenError} `introspection_unavailable` unless the latest probe found Texas alive */
  async ready(): Promise<void> {
    const { clock, deadline } = this.#parts
    if (this.#isDue) await this.#begin(false)
    else await inForeground(clock, deadline * 1000, this.#running)
    if (!this.#latest?.isAlive) throw introspectionUnavailable(this.#latest?.error)
  }

  health(): Health {
    if (this.#isDue) void this.#begin(true)
    const latest = this.#latest
    if (!latest || latest.isAlive) return Object.freeze({ usable: latest !== undefined, keys: 0 })
    return Object.freeze({ usable: false, keys: 0, lastFailure: reportFailure(latest) })
  }

  get #isDue(): boolean {
    return this.#age === undefined || this.#age.seconds >= this.#parts.deadline
  }

  #begin(inBackground: boolean): Promise<void> {
    const { ask, clock } = this.#parts
    const probe = ++this.#begun
    this.#age = new Stopwatch(clock)
    const settle = (isAlive: boolean, error?: unknown) => {
      // An earlier probe can settle after a later one. It must not replace the outcome of the later probe.
      if (probe >= (this.#latest?.probe ?? 0))
        this.#latest = { probe, isAlive, error, age: new Stopwatch(clock) }
    }
    this.#running = ask(inBackground).then(
      () => settle(true),
      (error: unknown) => settle(false, error),
    )
    return this.#running
  }
}
