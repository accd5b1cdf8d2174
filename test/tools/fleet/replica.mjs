import { createMaskinportenClient } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import { prepareRequirement } from '@portvakt/core/adapter'
import { randomFrom } from '../random.mjs'
import { phaseOf } from './record.mjs'
import { DAY, PROBE_EVERY, RESTART_TAKES, trafficAt } from './scenario.mjs'

/** A client key with a constant signature. The simulated token endpoint does not verify assertions. */
const KEY = { keyId: 'fleet', sign: () => new Uint8Array(256).fill(1) }

/** One instance of an API: it guards its route with a validator, and calls another API with a client. */
export class Replica {
  #index
  #world
  /**
   * Separate random sequences, so that traffic does not depend on how many random numbers the library draws.
   */
  #random
  #hasProbe
  /** The number of the latest start. Events of earlier starts are ignored. */
  #start = 0

  /** @param world `{ clock, record, maskinporten, jitter }`; without `jitter`, the library draws only 0.5 */
  constructor(index, hasProbe, world) {
    this.#index = index
    this.#world = world
    this.#hasProbe = hasProbe
    const sequence = (number) => randomFrom(index * 4 + number)
    this.#random = { traffic: sequence(0), network: sequence(1), packages: sequence(2) }
    if (!world.jitter) this.#random.packages = () => 0.5
  }

  start() {
    const { clock, maskinporten } = this.#world
    const { issuer, scope } = maskinporten
    const random = this.#random.packages
    const fetch = maskinporten.fetchFor(this.#random.network)
    const instance = {
      start: ++this.#start,
      startedAt: clock.second,
      hasHadKeys: false,
      validator: createMaskinportenValidator({ issuer, fetch, clock, random }),
      client: createMaskinportenClient({ clientId: 'fleet', key: KEY, issuer, fetch, clock, random }),
      requirement: prepareRequirement(scope),
      tokenRequest: { scope },
    }
    if (this.#hasProbe) this.#probe(instance)
    else this.#scheduleCall(instance)
  }

  restart() {
    this.#start++
    this.#world.clock.at(this.#world.clock.second + RESTART_TAKES, () => this.start())
  }

  /** Schedules an action of an instance, which does not happen if the replica has been restarted by then. */
  #at(second, instance, action) {
    this.#world.clock.at(second, () => {
      if (instance.start === this.#start) action()
    })
  }

  /** Probes readiness. Traffic starts at the first successful probe. */
  #probe(instance) {
    const { clock, record } = this.#world
    if (!instance.validator.health().usable) {
      this.#at(clock.second + PROBE_EVERY, instance, () => this.#probe(instance))
      return
    }
    instance.hasHadKeys = true
    const phase = phaseOf(record, clock.second)
    if (phase) {
      phase.started++
      phase.longestStart = Math.max(phase.longestStart, clock.second - instance.startedAt)
    }
    this.#scheduleCall(instance)
  }

  /** Calls arrive at random, independently of each other (a Poisson process). */
  #scheduleCall(instance) {
    const { clock } = this.#world
    const { rate, until } = trafficAt(clock.second)
    const next = clock.second - Math.log(1 - this.#random.traffic()) / rate
    // A Poisson process has no memory, so the gap can be drawn again when the rate changes.
    if (next < until) this.#at(next, instance, () => this.#call(instance))
    else if (until < DAY) this.#at(until, instance, () => this.#scheduleCall(instance))
  }

  #call(instance) {
    void this.#take(instance)
    this.#scheduleCall(instance)
  }

  async #take(instance) {
    const { clock, record, maskinporten } = this.#world
    const arrivedAt = clock.second
    const phase = phaseOf(record, arrivedAt)
    const decision = await instance.validator.decide(
      maskinporten.authorizationOf(this.#index),
      instance.requirement,
    )
    if (decision.allowed) instance.hasHadKeys = true
    if (phase) {
      phase.calls++
      phase.longestCall = Math.max(phase.longestCall, clock.second - arrivedAt)
      if (!decision.allowed) phase[nameOf(decision.denial.status, instance)]++
    }
    if (decision.allowed) await this.#callOther(instance)
  }

  async #callOther({ client, tokenRequest }) {
    const { clock, record } = this.#world
    const begunAt = clock.second
    const phase = phaseOf(record, begunAt)
    const hasToken = await client.getToken(tokenRequest).then(
      () => true,
      () => false,
    )
    if (!phase) return
    phase.longestToken = Math.max(phase.longestToken, clock.second - begunAt)
    if (hasToken) return
    phase.withoutToken++
    record.lastWithoutToken = Math.max(record.lastWithoutToken, begunAt)
  }
}

/**
 * The name of the record's counter for a refused call. A replica without a probe can receive calls before it
 * has keys.
 */
function nameOf(status, instance) {
  if (status !== 503) return 'refused'
  return instance.hasHadKeys ? 'unavailable' : 'withoutKeys'
}
