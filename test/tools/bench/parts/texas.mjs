import { BARE, CALLS, CONTROL } from '../contestants/texas-calls.mjs'
import { startProcess } from '../processes.mjs'
import { interleave, quantile } from '../statistics.mjs'

const STAND_IN = new URL('../contestants/texas-stand-in.mjs', import.meta.url)
const SCRIPT = new URL('../contestants/texas-process.mjs', import.meta.url)

/** The time in milliseconds that the key endpoint takes to show Texas that a key is unknown. */
const LOOK_UP = 30
const LIVE = 100
const IN_FLIGHT = 16

/**
 * Compares the cost of a decision with Texas with a bare exchange of the same bodies, and measures the effect
 * of forged tokens on valid ones. The stand-in for Texas is a separate process, which is not measured.
 *
 * @returns `runs`, each with the figures by contestant from new processes; and
 *   `floods`, with the figures by contestant, then by number of callers
 */
export async function measureTexas({ plan: { texas: plan }, setting, problem }) {
  const standIn = await startProcess(STAND_IN, { jwks: setting.jwks, lookUp: LOOK_UP })
  const given = { ...setting, introspectionEndpoint: standIn.opened }
  const runs = []
  for (let run = 0; run < plan.runs; run++) runs.push(await measureRun(plan, given, problem))
  const floods = {}
  for (const name of [BARE, 'keys alone', 'keys and Texas']) {
    floods[name] = await measureFloods(name, plan.flood, given, problem)
  }
  await standIn.stop()
  return { runs, floods }
}

async function measureRun({ rounds, warmUp, calls }, setting, problem) {
  const contestants = await Promise.all(Object.keys(CALLS).map((name) => open(name, setting, problem)))
  const blocks = contestants.map(({ name, process }) => ({
    name,
    async run() {
      const { cpu, wrong } = await process.ask('run', {
        count: calls,
        warmUp: calls / 4,
        live: LIVE,
        inFlight: IN_FLIGHT,
      })
      if (wrong > 0) problem(`${name} refused ${wrong} good tokens`)
      return { cpu }
    },
  }))
  const figures = await interleave(blocks, { rounds, warmUp })
  for (const { process } of contestants) await process.stop()
  return figures
}

async function measureFloods(name, { callers, pause, seconds }, setting, problem) {
  const { process } = await open(name, setting, problem)
  const found = {}
  for (const count of [0, callers]) {
    const { latencies, wrong } = await process.ask('underFlood', { callers: count, pause, seconds })
    if (wrong > 0 && name !== BARE) problem(`${name} refused ${wrong} valid tokens with ${count} callers`)
    const sorted = latencies.sort((a, b) => a - b)
    found[count] = {
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      refused: wrong,
      of: sorted.length,
    }
  }
  await process.stop()
  return found
}

/** Starts a contestant, and checks that it accepts a valid token and refuses bad ones. */
async function open(name, setting, problem) {
  const process = await startProcess(SCRIPT, { name, ...setting })
  const isBare = name === BARE || name === CONTROL
  const expected = { good: 20, 'bad signature': isBare ? 20 : 0, expired: isBare ? 20 : 0, 'unknown key': 0 }
  for (const [set, passes] of Object.entries(expected)) {
    if ((await process.ask('passing', { set, count: 20 })) !== passes)
      problem(`${name} answers the set "${set}" wrongly`)
  }
  return { name, process }
}
