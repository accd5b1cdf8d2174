import { CALLS } from '../contestants/calls.mjs'
import { startCalls } from '../contestants/start-calls.mjs'
import { MALFORMED } from '../setting.mjs'
import { interleave } from '../statistics.mjs'

/** The number of different tokens in use while decisions on cached tokens are measured. */
const LIVE = 100

/** The number of tokens for which verifications are counted. */
const COUNTED = 20

/**
 * The decision without HTTP: each library is called with a token.
 *
 * @returns the figures by contestant, then by measurement
 */
export async function measureDecision({ plan, setting, problem }) {
  const opened = Object.entries(CALLS).map(([name, contestant]) =>
    open(name, contestant, plan, setting, problem),
  )
  const contestants = await Promise.all(opened)
  const figures = await interleave(
    [
      ...Array.from({ length: plan.hotTurns }, () => contestants.map(hotBlock)).flat(),
      ...contestants.flatMap((each) => coldBlocks(each, plan)),
      ...contestants.flatMap((each) => refusalBlocks(each, plan)),
    ],
    plan,
  )
  const ours = contestants.find(({ name }) => name === 'portvakt')
  const verifications = {}
  for (const set of [...MALFORMED, 'unknown key', 'bad signature', 'expired']) {
    const asked = { set, count: COUNTED, expected: false }
    verifications[set] = await ours.process.ask('countVerifications', asked)
  }
  if (verifications['bad signature'] !== COUNTED) problem('the count of verifications misses some')
  for (const { process } of contestants) await process.stop()
  return { contestants: figures, verifications }
}

/** Starts a contestant, and checks that it accepts valid tokens and refuses bad ones. */
async function open(name, contestant, { hotTime }, setting, problem) {
  const process = await startCalls(name, setting, problem)
  // The tokens are presented twice, because the second answer can come from a cache.
  for (let time = 0; time < 2; time++) await process.ask('see', { set: 'good', count: LIVE })
  for (const set of refusedBy(contestant)) await process.ask('see', { set, count: 20, expected: false })
  const { cpu } = await process.ask('run', { set: 'good', count: 5000, live: LIVE })
  const hotCalls = Math.min(200_000, Math.max(LIVE, Math.round((hotTime * 1000) / cpu)))
  return { name, contestant, process, hotCalls, next: LIVE }
}

/** The kinds of bad tokens that a contestant must refuse. */
function refusedBy({ isBare, knowsScopes }) {
  if (isBare) return ['bad signature']
  return [...MALFORMED, 'bad signature', 'expired', 'unknown key', ...(knowsScopes ? ['wrong scope'] : [])]
}

function hotBlock({ name, process, hotCalls }) {
  return {
    name: `${name} | hot`,
    async run() {
      // The cold blocks have evicted these tokens from every bounded cache, so the tokens are presented
      // again.
      await process.ask('see', { set: 'good', count: LIVE })
      return costs(process, { set: 'good', count: hotCalls, warmUp: hotCalls, live: LIVE })
    },
  }
}

function coldBlocks(each, { coldCalls, coldWarmUp }) {
  return [64, 1].map((inFlight) => ({
    name: `${each.name} | cold, ${inFlight} in flight`,
    run() {
      const from = each.next
      each.next += coldWarmUp + coldCalls
      const run = { set: 'good', from, count: coldCalls, warmUp: coldWarmUp, inFlight, isTimed: true }
      return costs(each.process, run)
    },
  }))
}

function refusalBlocks({ name, contestant, process }, { refusedCalls }) {
  if (contestant.isBare) return []
  return refusedBy(contestant).map((set) => {
    const count = MALFORMED.includes(set) ? refusedCalls.malformed : refusedCalls.other
    const run = { set, count, warmUp: count, live: Math.min(count, 200), expected: false }
    return { name: `${name} | refused: ${set}`, run: () => costs(process, run) }
  })
}

async function costs(process, run) {
  const { wrong: _reported, ...figures } = await process.ask('run', run)
  return figures
}
