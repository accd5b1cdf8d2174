import { bestPeer, share, toPeer } from './added.mjs'
import { VERIFICATION } from './contestants/calls.mjs'
import { ASYNCHRONOUS, CONTROL } from './contestants/servers.mjs'
import { BARE, CONTROL as BARE_AGAIN } from './contestants/texas-calls.mjs'
import { NEWCOMER } from './parts/scaling.mjs'
import { KNOWN, LARGE, MALFORMED, NEW } from './setting.mjs'
import { errorBar, highest, ratio, spread, summary } from './statistics.mjs'

/** The user CPU that a guard may add for a known token, as a share of a bare verification. */
const ADDED = { Express: 0.3, Koa: 0.14, Fastify: 0.12, Hono: 0.14 }

/** The CPU that a guard may add for new tokens, as a share of the CPU that the framework's best peer adds. */
const ALWAYS_NEW = { Express: 1, Fastify: 1, Koa: 0.35, Hono: 0.35 }

/**
 * The bars: figures of this run, or ratios of its figures, each with its limit. A bar is reported but not
 * asserted, because a busy machine must not fail a build.
 *
 * @returns `{ name, limit, found, noise, verdict }`. A bar without a limit is only for comparison. The noise
 *   is half the distance between the quartiles, unless it is measured with two equal contestants.
 */
export function barsOf(part, results) {
  const bars = [...(BARS[part]?.(results) ?? [])]
  return bars.map((bar) => {
    const { limit, found, noise = spread(found) } = bar
    return { ...bar, noise, verdict: verdictOn(found.median, limit, noise) }
  })
}

/**
 * If a figure differs from its limit by less than the noise, one run can meet the bar and the next run miss
 * it.
 */
function verdictOn(median, limit, noise) {
  if (limit === undefined || median === null) return ''
  const isNoise = noise > 0 && Math.abs(median - limit) <= noise
  if (isNoise) return median <= limit ? 'met by noise' : 'missed by noise'
  return median <= limit ? 'met' : 'NOT MET'
}

const BARS = {
  decision: decisionBars,
  http: httpBars,
  scaling: scalingBars,
  flood: floodBars,
  texas: texasBars,
}

function* decisionBars(part) {
  const { portvakt, ...peers } = part.contestants
  for (const count of [1, 64]) {
    const cold = (peer) =>
      ratio(portvakt[`cold, ${count} in flight`].cpu, peers[peer][`cold, ${count} in flight`].cpu)
    const name = `new token, ${count} in flight: CPU of a decision ÷`
    yield { name: `${name} ${VERIFICATION}`, limit: 1.45, found: cold(VERIFICATION) }
    yield { name: `${name} aws-jwt-verify`, limit: 1, found: cold('aws-jwt-verify') }
  }
  const hot = (peer) => ratio(portvakt.hot.cpu, peers[peer].hot.cpu)
  yield { name: 'hot decision ÷ fast-jwt with cache', limit: 0.2, found: hot('fast-jwt, cache') }
  yield {
    name: 'hot decision ÷ fast-jwt with cache by whole token',
    found: hot('fast-jwt, cache by whole token'),
  }
  yield {
    name: 'malformed token refused, µs (the most expensive kind)',
    limit: 5,
    found: highest(MALFORMED.map((set) => portvakt[`refused: ${set}`].cpu)),
  }
  const verified = MALFORMED.reduce((sum, set) => sum + part.verifications[set], 0)
  yield { name: 'malformed tokens: signatures verified', limit: 0, found: summary([verified]) }
}

function* httpBars({ generations, frameworks }) {
  for (const [framework, limit] of Object.entries(ADDED)) {
    const contestants = frameworks[framework]
    const name = `${framework}: user CPU for a known token ÷ a bare verification`
    const noise = errorBar(share(contestants, CONTROL, KNOWN), generations)
    yield { name, limit, found: share(contestants, 'portvakt', KNOWN), noise }
    yield {
      name: `${framework}: the same for a middleware that only awaits`,
      found: share(contestants, ASYNCHRONOUS, KNOWN),
    }
  }
  for (const [framework, limit] of Object.entries(ALWAYS_NEW)) {
    const contestants = frameworks[framework]
    const peer = bestPeer(contestants, NEW)
    const to = (figure) => toPeer(contestants, peer, NEW, figure, generations)
    yield { name: `${framework}: CPU added by always-new tokens ÷ ${peer}`, limit, ...to('cpu') }
    yield { name: `${framework}: the same in user CPU`, found: to('user').found }
  }
}

function* scalingBars(part) {
  const most = Math.max(...Object.keys(part.seen.portvakt).map(Number))
  yield {
    name: `hot decision with ${most.toLocaleString('en')} tokens seen ÷ with 100`,
    limit: 3,
    found: ratio(part.seen.portvakt[most].hot, part.seen[NEWCOMER][most].hot),
  }
  const { portvakt: scopes } = part.scopes
  yield {
    name: 'hot decision, 300 scopes ÷ 1 scope',
    limit: 1.5,
    found: ratio(scopes[300].hot, scopes[1].hot),
  }
}

function* floodBars({ portvakt }) {
  for (const flood of ['bad signature', LARGE]) {
    const name = `${flood}: 99th percentile of the event-loop delay, ms`
    yield { name, limit: 10, found: portvakt[flood].lateP99 }
  }
}

/**
 * Bars of the best run: the run in which a decision costs the least CPU relative to a bare exchange with
 * Texas. The ratio of a second bare exchange to the first one shows the noise.
 */
function* texasBars(part) {
  const toBare = (name) => (run) => ratio(run[name].cpu, run[BARE].cpu)
  const ours = toBare('keys and Texas')
  const [best] = part.runs.toSorted((one, other) => ours(one).median - ours(other).median)
  yield { name: 'Texas: user CPU of a decision ÷ a bare exchange, best run', limit: 1.6, found: ours(best) }
  yield { name: 'Texas: bare exchange again ÷ bare, which is noise', found: toBare(BARE_AGAIN)(best) }
  yield {
    name: 'Texas: a decision by `fetch` ÷ a bare exchange',
    found: toBare('keys and Texas, by fetch')(best),
  }
}
