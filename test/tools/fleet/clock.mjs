/**
 * A clock for a simulation of millions of events, which implements core's `Clock`. Time stands still while
 * any work is ready to run, and then jumps to the next event.
 */
export class SimulatedClock {
  #epoch
  #time
  #order = 0
  #events = []
  #settle

  /**
   * @param start the time at which the simulation starts, in seconds since the start of the day
   * @param settle function whose promise resolves when no more work is ready to run
   */
  constructor(epoch, start, settle) {
    this.#epoch = epoch
    this.#time = start * 1000
    this.#settle = settle
    // Arrow functions, because the library calls a clock's functions without the object.
    this.now = () => this.#epoch + this.#time
    this.elapsed = () => this.#time
    this.after = (milliseconds, callback) => this.#add(this.#time + Math.max(0, milliseconds), callback)
  }

  /** Seconds since the start of the day. */
  get second() {
    return this.#time / 1000
  }

  /** Calls `callback` at a time in seconds since the start of the day. */
  at(second, callback) {
    this.#add(Math.max(this.#time, second * 1000), callback)
  }

  /** Runs all events before a time, given in seconds since the start of the day. */
  async runUntil(second) {
    const end = second * 1000
    while (this.#events.length > 0 && this.#events[0].at < end) {
      this.#time = this.#events[0].at
      let isReady = false
      while (this.#events[0]?.at === this.#time) {
        const { callback } = this.#pop()
        callback?.()
        isReady ||= callback !== undefined
      }
      if (isReady) await this.#settle()
    }
    this.#time = end
  }

  #add(at, callback) {
    const event = { at: Math.ceil(at), order: this.#order++, callback }
    const events = this.#events
    let index = events.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, events[parent])) break
      events[index] = events[parent]
      index = parent
    }
    events[index] = event
    return () => {
      event.callback = undefined
    }
  }

  /** Removes the first event of the binary heap. */
  #pop() {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (events.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1], events[child])) child++
      if (!isBefore(events[child], last)) break
      events[index] = events[child]
      index = child
    }
    events[index] = last
    return first
  }
}

function isBefore(a, b) {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
