import { setTimeout } from 'node:timers/promises'
import { answerWith } from '../../processes.mjs'
import { atRandom, inTurn, TokenVerifier } from '../tokens.mjs'
import { CALLS } from './calls.mjs'
import { TEXAS_CALLS } from './texas-calls.mjs'

/** The process of a contestant that has no server. It makes calls on request, and measures its own costs. */

let contestant
let setting
let tokens
let opened

answerWith({
  async open({ name, ...given }) {
    contestant = CALLS[name] ?? TEXAS_CALLS[name]
    setting = given
    tokens = new TokenVerifier(given.tokens)
    opened = await contestant.open(setting)
  },

  /** Replaces the verifier with a new one that has an empty cache. */
  async renew(changes) {
    opened = await contestant.open({ ...setting, ...changes })
  },

  /** Presents tokens without measuring. Resolves to the number of `wrong` answers. */
  async see({ set, from = 0, count = tokens.count(set), expected = true }) {
    let wrong = 0
    for (let done = 0; done < count; done += BATCH) {
      const batch = inputs(set, inTurn(Math.min(BATCH, count - done), { from: from + done }))
      wrong += await makeCalls(batch, 64, expected)
    }
    return { wrong }
  },

  /**
   * Makes `count` calls, after `warmUp` unmeasured calls. Every call gets a new string, but only `live` of the
   * tokens are different.
   *
   * @returns `cpu`, the part of it in `user` mode, and `wall`, in microseconds a call; and the number of
   *   unexpected answers
   */
  async run({ set, from = 0, count, warmUp = 0, live, order, inFlight = 1, expected = true }) {
    const all = warmUp + count
    const indexes = [...(order === 'random' ? atRandom(all, live) : inTurn(all, { from, live: live ?? all }))]
    let wrong = await makeCalls(inputs(set, indexes.splice(0, warmUp)), inFlight, expected)
    let [cpu, userCpu, wall] = [0, 0, 0]
    // Batches are small, because with many strings, the garbage collector would be measured.
    const size = inFlight > 1 ? BATCH : Math.ceil(100_000 / tokens.length(set))
    for (let done = 0; done < count; done += size) {
      const batch = inputs(set, indexes.slice(done, done + size))
      const cpuBefore = process.cpuUsage()
      const before = process.hrtime.bigint()
      wrong += await makeCalls(batch, inFlight, expected)
      wall += Number(process.hrtime.bigint() - before) / 1000
      const { user, system } = process.cpuUsage(cpuBefore)
      cpu += user + system
      userCpu += user
    }
    return { cpu: cpu / count, user: userCpu / count, wall: wall / count, wrong }
  },

  /** Returns how many signatures WebCrypto verifies for these tokens. */
  async countVerifications({ set, count, expected }) {
    const prototype = Object.getPrototypeOf(globalThis.crypto.subtle)
    const { verify } = prototype
    let verifications = 0
    prototype.verify = function (...given) {
      verifications++
      return verify.apply(this, given)
    }
    await makeCalls(inputs(set, inTurn(count)), 1, expected)
    prototype.verify = verify
    return verifications
  },

  /**
   * Verifies valid tokens one after the other, while callers send forged tokens. Each caller pauses for `pause`
   * milliseconds after an answer.
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
    // By now, the flood has started.
    await setTimeout(2 * pause)
    const latencies = []
    let refused = 0
    const endsAt = performance.now() + seconds * 1000
    for (const token of inputs('good', inTurn(1000, { live: 100 }))) {
      const before = performance.now()
      if (before > endsAt) break
      refused += await makeCalls([token], 1, true)
      latencies.push(performance.now() - before)
      await setTimeout(1)
    }
    isOver = true
    await Promise.all(flood)
    return { latencies, refused }
  },

  /** The heap in use after a collection, in bytes. */
  heap() {
    globalThis.gc()
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
})

const BATCH = 5000

function inputs(set, indexes) {
  const fresh = tokens.fresh(set, indexes, contestant.takesHeader ? 'Bearer ' : '')
  return opened.prepare ? fresh.map(opened.prepare) : fresh
}

const isSomething = (result) => result !== undefined

/** @returns the number of unexpected answers */
async function makeCalls(batch, inFlight, expected) {
  const { call, accepted = isSomething } = opened
  let wrong = 0
  if (contestant.isSync) {
    for (const input of batch) {
      let verdict = false
      try {
        verdict = accepted(call(input))
      } catch {
        // The contestant throws to refuse a token.
      }
      if (verdict !== expected) wrong++
    }
    return wrong
  }
  let next = 0
  const lane = async () => {
    while (next < batch.length) {
      let verdict = false
      try {
        verdict = accepted(await call(batch[next++]))
      } catch {
        // The contestant throws to refuse a token.
      }
      if (verdict !== expected) wrong++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return wrong
}
