import { startProcess } from '../../processes.mjs'
import { startCalls } from '../contestants/start-calls.mjs'
import { BARE, CONTROL, TEXAS_CALLS } from '../contestants/texas-calls.mjs'
import { interleave, percentiles } from '../statistics.mjs'

const STAND_IN = new URL('../contestants/texas-stand-in.mjs', import.meta.url)

/** The time in milliseconds that the key endpoint takes to show Texas that a key is unknown. */
const LOOK_UP = 30
const LIVE = 100
const IN_FLIGHT = 16

/**
 * Compares the cost of a decision that uses Texas to that of a bare exchange of the same bodies, and measures
 * the effect of forged tokens on valid ones. The stand-in for Texas is a separate process, which is not
 * measured.
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
  const contestants = await Promise.all(Object.keys(TEXAS_CALLS).map((name) => open(name, setting, problem)))
  const blocks = contestants.map(({ name, process }) => ({
    name,
    async run() {
      const turns = { count: calls, warmUp: calls / 4, live: LIVE, inFlight: IN_FLIGHT }
      const { user } = await process.ask('run', { set: 'good', ...turns })
      return { cpu: user }
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
    const { latencies, refused } = await process.ask('underFlood', { callers: count, pause, seconds })
    if (refused > 0 && name !== BARE) problem(`${name} refused ${refused} valid tokens with ${count} callers`)
    found[count] = { ...percentiles(latencies), refused, of: latencies.length }
  }
  await process.stop()
  return found
}

/** Starts a contestant, and checks that it accepts a valid token and refuses bad ones. */
async function open(name, setting, problem) {
  const process = await startCalls(name, setting, problem)
  const isBare = name === BARE || name === CONTROL
  const expected = { good: true, 'bad signature': isBare, expired: isBare, 'unknown key': false }
  for (const [set, isAccepted] of Object.entries(expected)) {
    await process.ask('see', { set, count: 20, expected: isAccepted })
  }
  return { name, process }
}
