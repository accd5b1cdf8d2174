import { setTimeout } from 'node:timers/promises'
import { answerWith } from '../processes.mjs'
import { inTurn, TokenVerifier } from '../tokens.mjs'
import { CALLS } from './texas-calls.mjs'

/** The process of one contestant. It measures its user CPU time and the latency of valid tokens. */

let judge
let tokens

answerWith({
  async open({ name, ...setting }) {
    tokens = new TokenVerifier(setting.tokens)
    judge = await CALLS[name](setting)
  },

  /** @returns user CPU time in microseconds a call, and the number of refused valid tokens */
  async run({ count, warmUp, live, inFlight }) {
    await judgeAll('good', inTurn(warmUp, { live }), inFlight)
    const given = tokens.fresh('good', inTurn(count, { live }))
    globalThis.gc({ type: 'minor' })
    const before = process.cpuUsage()
    const wrong = await judgeEach(given, inFlight)
    return { cpu: process.cpuUsage(before).user / count, wrong }
  },

  /** @returns the number of accepted tokens of a set */
  async passing({ set, count }) {
    const refused = await judgeAll(set, inTurn(count), 4)
    return count - refused
  },

  /**
   * Verifies valid tokens one after the other, while callers send forged tokens. Each caller pauses for `pause`
   * milliseconds after an answer.
   *
   * @returns the latencies of valid tokens in milliseconds, and how many of them were refused
   */
  async underFlood({ callers, pause, seconds }) {
    let isOver = false
    const bad = ['unknown key', 'bad signature'].map((set) => tokens.fresh(set, inTurn(200)))
    const flood = Array.from({ length: callers }, async (_, caller) => {
      await setTimeout((caller * pause) / callers)
      for (let attempt = caller; !isOver; attempt++) {
        await judge(bad[attempt % 2][attempt % 200])
        await setTimeout(pause)
      }
    })
    // By now, the flood has started.
    await setTimeout(2 * pause)
    const latencies = []
    let wrong = 0
    const endsAt = performance.now() + seconds * 1000
    for (const token of tokens.fresh('good', inTurn(1000, { live: 100 }))) {
      const before = performance.now()
      if (before > endsAt) break
      if (!(await judge(token))) wrong++
      latencies.push(performance.now() - before)
      await setTimeout(1)
    }
    isOver = true
    await Promise.all(flood)
    return { latencies, wrong }
  },
})

const judgeAll = (set, indexes, inFlight) => judgeEach(tokens.fresh(set, indexes), inFlight)

/** @returns the number of refused tokens */
async function judgeEach(given, inFlight) {
  let [next, refused] = [0, 0]
  const lane = async () => {
    while (next < given.length) if (!(await judge(given[next++]))) refused++
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return refused
}
