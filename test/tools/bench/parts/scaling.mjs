import { startCalls } from '../contestants/start-calls.mjs'
import { decoyKey } from '../keys.mjs'
import { KEY_COUNTS, RULE_COUNTS, SCOPE_COUNTS, TOKEN_SIZES } from '../setting.mjs'
import { interleave } from '../statistics.mjs'

const LIVE = 100
const FEW = 200

/**
 * Measures how the cost of a decision grows with the size of a token, and with the numbers of live tokens,
 * tokens seen so far, issuer keys, scopes in a token, and rules of the application.
 *
 * @returns the figures by series, then by contestant, then by point: `hot`, and `cold` or `heap` if measured
 */
export async function measureScaling({ plan, setting, problem }) {
  const contestants = await Promise.all(
    ['portvakt', 'fast-jwt, cache'].map((name) => open(name, setting, plan.tokens, problem)),
  )
  const [ours] = contestants
  const results = {
    live: await measureLive(contestants, plan),
    seen: await measureSeen(contestants, setting, plan, problem),
    scopes: await measureShapes(contestants, SCOPE_COUNTS, 'scopes', plan),
    size: await measureShapes(contestants, TOKEN_SIZES, 'bytes', plan),
    keys: await measureKeys(ours, setting, plan),
    rules: await measureRules(setting, plan, problem),
  }
  for (const { process } of contestants) await process.stop()
  return results
}

async function open(name, setting, tokens, problem) {
  const process = await startCalls(name, setting, problem)
  await process.ask('see', { set: 'good', count: Math.min(tokens, 5000) })
  return { title: name, process }
}

/** Measures hot calls. Each point is finished before the next, because filling a large cache takes long. */
async function measureLive(contestants, { scaling }) {
  const results = {}
  for (const count of scaling.counts) {
    for (const { process } of contestants) {
      await process.ask('renew', { cacheSize: Math.max(1000, count) })
      await process.ask('see', { set: 'good', count })
    }
    const run = { ...hotRun(scaling), live: count, order: 'random' }
    collect(results, count, await interleave(hotBlocks(contestants, run), scaling))
  }
  return results
}

/**
 * Measures how tokens that were seen only once affect the heap and the cost of a hot decision. For
 * comparison, a second process of portvakt, which has seen only the live tokens, is measured at the same
 * time.
 */
async function measureSeen(contestants, setting, plan, problem) {
  const results = {}
  const newcomer = { ...(await open('portvakt', setting, 0, problem)), title: NEWCOMER }
  for (const { process } of contestants) await process.ask('renew', { cacheSize: 1000 })
  let done = 0
  for (const count of plan.seen) {
    const heaps = {}
    for (const { title, process } of contestants) {
      await process.ask('see', { set: 'good', from: done, count: count - done })
      heaps[title] = await process.ask('heap')
    }
    done = count
    const all = [...contestants, newcomer]
    // One use of each live token brings it back to the cache.
    for (const { process } of all) await process.ask('see', { set: 'good', count: LIVE })
    collect(results, count, await interleave(hotBlocks(all, hotRun(plan.scaling)), plan.scaling))
    for (const [title, heap] of Object.entries(heaps)) results[title][count].heap = heap
  }
  await newcomer.process.stop()
  return results
}

/** The contestant in the series `seen` that has seen only the live tokens. */
export const NEWCOMER = 'portvakt, only these seen'

function hotRun({ calls }) {
  return { set: 'good', count: calls, warmUp: calls, live: LIVE }
}

function hotBlocks(contestants, run) {
  return contestants.map(({ title, process }) => ({
    name: title,
    run: async () => ({ hot: (await process.ask('run', run)).cpu }),
  }))
}

function collect(results, point, figures) {
  for (const [title, found] of Object.entries(figures)) {
    results[title] ??= {}
    results[title][point] = found
  }
}

/** Measures tokens of a different shape at each point, first as new tokens and then as cached ones. */
function measureShapes(contestants, points, unit, plan) {
  return measurePoints(contestants, points, plan, async (process, point) => {
    await process.ask('renew', {})
    // This warm-up loads the keys.
    await process.ask('see', { set: 'good', count: 1 })
    return coldThenHot(process, `${point} ${unit}`, plan)
  })
}

function measureKeys(ours, { jwks }, plan) {
  return measurePoints([ours], KEY_COUNTS, plan, async (process, count) => {
    await process.ask('renew', { keySet: withDecoys(jwks, count) })
    await process.ask('see', { set: 'good', from: FEW, count: 1 })
    return coldThenHot(process, 'good', plan)
  })
}

/**
 * Uses a process for each number of rules, because code optimised for many rules slows down a single rule.
 */
async function measureRules(setting, { scaling }, problem) {
  const opened = RULE_COUNTS.map((rules) => open('portvakt', { ...setting, rules }, LIVE, problem))
  const contestants = (await Promise.all(opened)).map((each, index) => ({
    ...each,
    title: String(RULE_COUNTS[index]),
  }))
  const found = await interleave(hotBlocks(contestants, hotRun(scaling)), scaling)
  for (const { process } of contestants) await process.stop()
  return { portvakt: found }
}

async function coldThenHot(process, set, { scaling }) {
  const cold = await process.ask('run', { set, count: FEW, inFlight: 64 })
  const hot = await process.ask('run', { ...hotRun(scaling), set })
  return { cold: cold.cpu, hot: hot.cpu }
}

/** Measures every point in every round, so that points can be compared. */
function measurePoints(contestants, points, { scaling }, measure) {
  const blocks = points.flatMap((point) =>
    contestants.map(({ title, process }) => ({
      name: `${title} | ${point}`,
      run: () => measure(process, point),
    })),
  )
  return interleave(blocks, scaling)
}

/** Returns a key set that has the real key after decoys. */
function withDecoys(jwks, count) {
  const decoys = Array.from({ length: count - 1 }, (_, index) => decoyKey(`decoy-${index}`))
  return { keys: [...decoys, ...jwks.keys] }
}
