import type { Clock } from '@portvakt/core'

/** Remembers assertions until they have expired by themselves, so that none is accepted twice. */
export class UsedAssertions {
  readonly #clock: Clock
  readonly #expiries = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param expiresAt seconds since the epoch. Returns false when the assertion was used before. */
  use(name: string, expiresAt: number): boolean {
    const now = this.#clock.now() / 1000
    // Assertions live two minutes at most, so what is remembered is what came in the last two.
    for (const [known, expiry] of this.#expiries) if (expiry < now) this.#expiries.delete(known)
    if (this.#expiries.has(name)) return false
    this.#expiries.set(name, expiresAt)
    return true
  }
}
