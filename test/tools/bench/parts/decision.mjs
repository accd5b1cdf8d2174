import { CALLS } from '../contestants/calls.mjs'
import { startProcess } from '../processes.mjs'
import { MALFORMED } from '../setting.mjs'
import { interleave } from '../statistics.mjs'

const SCRIPT = new URL('../contestants/call-process.mjs', import.meta.url)

/** The number of live tokens while a hot cache is measured. */
const LIVE = 100

/**
 * The decision without HTTP: each library is called with a token.
 *
 * @returns the figures by contestant, then by measurement
 */
export async function measureDecision({ plan, setting, problem }) {
  const contestants = await openAll(setting, plan, problem)
  const blocks = [
    ...Array.from({ length: plan.hotTurns }, () => contestants.map((each) => hotBlock(each, problem))).flat(),
    ...contestants.flatMap((each) => coldBlocks(each, plan, problem)),
    ...contestants.flatMap((each) => refusalBlocks(each, plan, problem)),
  ]
  const figures = await interleave(blocks, plan)
  const ours = contestants.find(({ name }) => name === 'portvakt')
  const verifications = {}
  for (const set of [...MALFORMED, 'unknown key', 'bad signature', 'expired']) {
    verifications[set] = await ours.process.ask('countVerifications', { set, count: 20, expected: false })
  }
  for (const { process } of contestants) await process.stop()

  const results = {}
  for (const [block, { cpu, wall }] of Object.entries(figures)) {
    const [name, what] = block.split(' | ')
    results[name] ??= {}
    results[name][what] = { cpu, wall }
  }
  return { contestants: results, verifications }
}

/** Starts every contestant, and checks that it accepts a valid token and refuses bad ones. */
async function openAll(setting, { hotTime }, problem) {
  return Promise.all(
    Object.entries(CALLS).map(async ([name, contestant]) => {
      const process = await startProcess(SCRIPT, { name, ...setting })
      // The tokens are presented twice, because the second answer can come from a cache.
      for (let time = 0; time < 2; time++) {
        const refused = await process.ask('see', { set: 'good', count: LIVE })
        if (refused > 0) problem(`${name} refuses ${refused} good tokens`)
      }
      for (const set of refusedBy(contestant)) {
        const accepted = await process.ask('see', { set, count: 20, expected: false })
        if (accepted > 0) problem(`${name} accepts ${accepted} tokens of the set "${set}"`)
      }
      const { cpu } = await process.ask('run', { set: 'good', count: 5000, live: LIVE })
      const hotCalls = Math.min(200_000, Math.max(LIVE, Math.round((hotTime * 1000) / cpu)))
      return { name, contestant, process, hotCalls, next: LIVE }
    }),
  )
}

/** The kinds of bad tokens that a contestant must refuse. */
function refusedBy({ isBare, knowsScopes }) {
  if (isBare) return ['bad signature']
  return [...MALFORMED, 'bad signature', 'expired', 'unknown key', ...(knowsScopes ? ['wrong scope'] : [])]
}

function hotBlock({ name, process, hotCalls }, problem) {
  return {
    name: `${name} | hot`,
    async run() {
      // The cold blocks have evicted these tokens from every bounded cache, so they are presented again.
      await process.ask('see', { set: 'good', count: LIVE })
      const run = process.ask('run', { set: 'good', count: hotCalls, warmUp: hotCalls, live: LIVE })
      return asked(run, `${name} in the hot run`, problem)
    },
  }
}

function coldBlocks(each, { coldCalls, coldWarmUp }, problem) {
  const { name, process } = each
  return [64, 1].map((inFlight) => ({
    name: `${name} | cold, ${inFlight} in flight`,
    run() {
      const from = each.next
      each.next += coldWarmUp + coldCalls
      const run = process.ask('run', { set: 'good', from, count: coldCalls, warmUp: coldWarmUp, inFlight })
      return asked(run, `${name} in a cold run`, problem)
    },
  }))
}

function refusalBlocks({ name, contestant, process }, { refusedCalls }, problem) {
  if (contestant.isBare) return []
  return refusedBy(contestant).map((set) => {
    const count = MALFORMED.includes(set) ? refusedCalls.malformed : refusedCalls.other
    const run = { set, count, warmUp: count, live: Math.min(count, 200), expected: false }
    return {
      name: `${name} | refused: ${set}`,
      run: () => asked(process.ask('run', run), `${name} with the set "${set}"`, problem),
    }
  })
}

async function asked(run, who, problem) {
  const { cpu, wall, wrong } = await run
  if (wrong > 0) problem(`${who} answered ${wrong} calls wrongly`)
  return { cpu, wall }
}
