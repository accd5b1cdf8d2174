import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { answerWith } from '../../processes.mjs'
import { percentiles } from '../statistics.mjs'
import { atRandom, inTurn, TokenFiles } from '../tokens.mjs'
import { CALLS } from './calls.mjs'
import { CLIENT_CALLS } from './client-calls.mjs'
import { makeCalls } from './make-calls.mjs'
import { TEXAS_CALLS } from './texas-calls.mjs'

/** The process of a contestant that has no server. It makes calls on request, and measures its own costs. */

let contestant
let setting
let tokens
let opened

answerWith({
  async open({ name, ...given }) {
    contestant = CALLS[name] ?? TEXAS_CALLS[name] ?? CLIENT_CALLS[name]
    setting = given
    tokens = new TokenFiles(given.tokens)
    opened = await contestant.open(setting)
  },

  /** Replaces the verifier with a new one that has an empty cache. */
  async renew(changes) {
    opened = await contestant.open({ ...setting, ...changes })
  },

  /** Presents tokens without measuring. Resolves to the number of `wrong` answers. */
  async see({ set, from = 0, count, expected }) {
    let wrong = 0
    for (let done = 0; done < count; done += BATCH) {
      const batch = inputs(set, inTurn(Math.min(BATCH, count - done), { from: from + done }))
      wrong += await calls(batch, { inFlight: 64, expected })
    }
    return { wrong }
  },

  /**
   * Makes `count` calls, after `warmUp` unmeasured calls. Every call gets a new string, but the calls use
   * only `live` different tokens.
   *
   * @param prefix text before each token; default: the contestant's prefix
   * @param isTimed true to return `p50` and `p99` of the latencies too, in microseconds
   * @returns `cpu` time, its part in `user` mode, and `wall` time, in microseconds per call; and the number
   *   of `wrong` answers
   */
  async run({ set, from = 0, count, warmUp = 0, live, order, inFlight, expected, prefix, isTimed }) {
    const all = warmUp + count
    const indexes = [...(order === 'random' ? atRandom(all, live) : inTurn(all, { from, live: live ?? all }))]
    let wrong = await calls(inputs(set, indexes.splice(0, warmUp), prefix), { inFlight, expected })
    const latencies = isTimed ? [] : undefined
    let [cpu, userCpu, wall] = [0, 0, 0]
    // Batches are small, because with many strings in memory, the figures would include garbage collection.
    const size = inFlight > 1 || contestant.inputAt ? BATCH : Math.ceil(100_000 / tokens.length(set))
    for (let done = 0; done < count; done += size) {
      const batch = inputs(set, indexes.slice(done, done + size), prefix)
      const cpuBefore = process.cpuUsage()
      const before = process.hrtime.bigint()
      wrong += await calls(batch, { inFlight, expected, latencies })
      wall += Number(process.hrtime.bigint() - before) / 1000
      const { user, system } = process.cpuUsage(cpuBefore)
      cpu += user + system
      userCpu += user
    }
    const timed = latencies && percentiles(latencies)
    return { cpu: cpu / count, user: userCpu / count, wall: wall / count, ...timed, wrong }
  },

  /** Returns how many signatures are verified for these tokens, by WebCrypto or by `node:crypto`. */
  async countVerifications({ set, count, expected }) {
    let verifications = 0
    const restore = [Object.getPrototypeOf(crypto.webcrypto.subtle), crypto].map((owner) => {
      const { verify } = owner
      owner.verify = function (...given) {
        verifications++
        return verify.apply(this, given)
      }
      return () => {
        owner.verify = verify
      }
    })
    syncBuiltinESMExports()
    await calls(inputs(set, inTurn(count)), { expected })
    for (const undo of restore) undo()
    syncBuiltinESMExports()
    return verifications
  },

  /**
   * Verifies valid tokens one after the other, while callers send forged tokens. Each caller pauses for
   * `pause` milliseconds after an answer.
   *
   * @returns the latencies of valid tokens in milliseconds, and how many of them were `refused`
   */
  async underFlood({ callers, pause, seconds }) {
    let isOver = false
    const bad = ['unknown key', 'bad signature'].map((set) => inputs(set, inTurn(200)))
    const flood = Array.from({ length: callers }, async (_, caller) => {
      await setTimeout((caller * pause) / callers)
      for (let attempt = caller; !isOver; attempt++) {
        await opened.call(bad[attempt % 2][attempt % 200])
        await setTimeout(pause)
      }
    })
    // Waits until every caller has started to send.
    await setTimeout(2 * pause)
    const latencies = []
    let refused = 0
    const endsAt = performance.now() + seconds * 1000
    for (const token of inputs('good', inTurn(1000, { live: 100 }))) {
      const before = performance.now()
      if (before > endsAt) break
      refused += await calls([token])
      latencies.push(performance.now() - before)
      await setTimeout(1)
    }
    isOver = true
    await Promise.all(flood)
    return { latencies, refused }
  },

  /** The heap and the external memory in use after a garbage collection, in bytes. */
  heap() {
    globalThis.gc()
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
})

const BATCH = 5000

function inputs(set, indexes, prefix = contestant.takesHeader ? 'Bearer ' : '') {
  if (contestant.inputAt) return Array.from(indexes, (index) => contestant.inputAt(set, index))
  const fresh = tokens.fresh(set, indexes, prefix)
  return opened.prepare ? fresh.map(opened.prepare) : fresh
}

function calls(batch, options) {
  return makeCalls(opened, batch, { isSync: contestant.isSync, ...options })
}
