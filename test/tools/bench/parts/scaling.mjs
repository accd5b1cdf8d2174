import { randomBytes } from 'node:crypto'
import { startProcess } from '../processes.mjs'
import { KEY_COUNTS, RULE_COUNTS, SCOPE_COUNTS, TOKEN_SIZES } from '../setting.mjs'
import { interleave } from '../statistics.mjs'

const SCRIPT = new URL('../contestants/call-process.mjs', import.meta.url)
const LIVE = 100
const FEW = 200

/**
 * Measures how the cost of a decision grows with the number of live tokens, of all tokens seen so far, of keys
 * of the issuer, of scopes in a token and of rules of the application, and with the size of a token.
 *
 * @returns the figures by series, then by contestant, then by point: `hot`, and `cold` or `heap` if measured
 */
export async function measureScaling({ plan, setting, problem }) {
  const contestants = await Promise.all(
    ['portvakt', 'fast-jwt, cache'].map((name) => openContestant(name, name, setting, plan)),
  )
  const [ours] = contestants
  const results = {
    live: await measureLive(contestants, plan, problem),
    seen: await measureSeen(contestants, setting, plan, problem),
    scopes: await measureShapes(contestants, SCOPE_COUNTS, (count) => `${count} scopes`, plan, problem),
    size: await measureShapes(contestants, TOKEN_SIZES, (size) => `${size} bytes`, plan, problem),
    keys: await measureKeys(ours, setting, plan, problem),
    rules: await measureRules(setting, plan, problem),
  }
  for (const { process } of contestants) await process.stop()
  return results
}

async function openContestant(name, title, setting, { tokens }) {
  const process = await startProcess(SCRIPT, { name, ...setting })
  await process.ask('see', { set: 'good', count: Math.min(tokens, 5000) })
  return { title, process }
}

/** Measures hot calls at one point after the other, because filling a cache with many tokens takes long. */
async function measureLive(contestants, { scaling }, problem) {
  const results = {}
  for (const count of scaling.counts) {
    for (const { process } of contestants) {
      await process.ask('renew', { cacheSize: Math.max(1000, count) })
      await process.ask('see', { set: 'good', count })
    }
    const { calls } = scaling
    const run = { set: 'good', count: calls, warmUp: calls, live: count, order: 'random' }
    collect(results, count, await interleave(hotBlocks(contestants, run, problem), scaling))
  }
  return results
}

/**
 * Measures how tokens that were seen only once affect the heap and the cost of a hot decision. For comparison,
 * a second process of portvakt, which has seen only the live tokens, is measured at the same time.
 */
async function measureSeen(contestants, setting, plan, problem) {
  const results = {}
  const newcomer = await openContestant('portvakt', NEWCOMER, setting, { tokens: 0 })
  for (const { process } of contestants) await process.ask('renew', { cacheSize: 1000 })
  let done = 0
  for (const count of plan.seen) {
    const heaps = {}
    for (const { title, process } of contestants) {
      const wrong = await process.ask('see', { set: 'good', from: done, count: count - done })
      if (wrong > 0) problem(`${title} answered ${wrong} of ${count} tokens wrongly`)
      heaps[title] = await process.ask('heap')
    }
    done = count
    const all = [...contestants, newcomer]
    // One use of each live token brings it back to the cache.
    for (const { process } of all) await process.ask('see', { set: 'good', count: LIVE })
    const { calls } = plan.scaling
    const run = { set: 'good', count: calls, warmUp: calls, live: LIVE }
    collect(results, count, await interleave(hotBlocks(all, run, problem), plan.scaling))
    for (const [title, heap] of Object.entries(heaps)) results[title][count].heap = heap
  }
  await newcomer.process.stop()
  return results
}

/** The contestant in the series `seen` that has seen only the live tokens. */
export const NEWCOMER = 'portvakt, only these seen'

function hotBlocks(contestants, run, problem) {
  return contestants.map(({ title, process }) => ({
    name: title,
    async run() {
      const { cpu, wrong } = await process.ask('run', run)
      if (wrong > 0) problem(`${title} answered ${wrong} known tokens wrongly`)
      return { hot: cpu }
    },
  }))
}

function collect(results, point, figures) {
  for (const [title, found] of Object.entries(figures)) {
    results[title] ??= {}
    results[title][point] = found
  }
}

/** Measures tokens of a different shape at each point, first as new tokens and then as cached ones. */
function measureShapes(contestants, points, setOf, plan, problem) {
  return measurePoints(contestants, points, plan, problem, async (process, point) => {
    await process.ask('renew', {})
    // This warm-up loads the keys.
    await process.ask('see', { set: 'good', count: 1 })
    return coldThenHot(process, { set: setOf(point) }, plan)
  })
}

function measureKeys(ours, { jwks }, plan, problem) {
  return measurePoints([ours], KEY_COUNTS, plan, problem, async (process, count) => {
    await process.ask('renew', { keySet: withDecoys(jwks, count) })
    await process.ask('see', { set: 'good', from: FEW, count: 1 })
    return coldThenHot(process, { set: 'good' }, plan)
  })
}

/** Uses a process for each number of rules, because code optimised for many rules slows down a single rule. */
async function measureRules(setting, { scaling }, problem) {
  const contestants = await Promise.all(
    RULE_COUNTS.map((rules) =>
      openContestant('portvakt', String(rules), { ...setting, rules }, { tokens: LIVE }),
    ),
  )
  const run = { set: 'good', count: scaling.calls, warmUp: scaling.calls, live: LIVE }
  const found = await interleave(hotBlocks(contestants, run, problem), scaling)
  for (const { process } of contestants) await process.stop()
  return { portvakt: found }
}

async function coldThenHot(process, which, { scaling }) {
  const cold = await process.ask('run', { ...which, count: FEW, inFlight: 64 })
  const { calls } = scaling
  const hot = await process.ask('run', { ...which, count: calls, warmUp: calls, live: LIVE })
  return { cold: cold.cpu, hot: hot.cpu, wrong: cold.wrong + hot.wrong }
}

/** Measures every point in every round, so that points can be compared. */
async function measurePoints(contestants, points, { scaling }, problem, measure) {
  const blocks = points.flatMap((point) =>
    contestants.map(({ title, process }) => ({
      name: `${title} | ${point}`,
      async run() {
        const { wrong, ...figures } = await measure(process, point)
        if (wrong > 0) problem(`${title} answered ${wrong} tokens wrongly in a series at ${point}`)
        return figures
      },
    })),
  )
  const results = {}
  for (const [block, found] of Object.entries(await interleave(blocks, scaling))) {
    const [title, point] = block.split(' | ')
    collect(results, point, { [title]: found })
  }
  return results
}

/** Returns a key set that has the real key after decoys: plausible keys with random moduli of 2048 bits. */
function withDecoys(jwks, count) {
  const decoys = Array.from({ length: count - 1 }, (_, index) => {
    const modulus = randomBytes(256)
    modulus[0] |= 0x80
    modulus[255] |= 1
    return { kty: 'RSA', use: 'sig', kid: `decoy-${index}`, n: modulus.toString('base64url'), e: 'AQAB' }
  })
  return { keys: [...decoys, ...jwks.keys] }
}
