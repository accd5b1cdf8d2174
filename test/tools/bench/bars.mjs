import { ASYNCHRONOUS, CONTROL } from './contestants/servers.mjs'
import { BARE, CONTROL as BARE_AGAIN } from './contestants/texas-calls.mjs'
import { NEWCOMER } from './parts/scaling.mjs'
import { MALFORMED } from './setting.mjs'
import { difference, ratio, summary } from './statistics.mjs'
import { mostExpensive } from './tables.mjs'

/** The target ratio of the CPU time of a guarded server to that of a bare one, by framework. */
const GUARDED = { Express: 1.05, Koa: 1.12, Fastify: 1.15, Hono: 1.15 }

/**
 * The bars: ratios of figures of this run, with their limits. A bar is reported but not asserted, because a
 * busy machine must not fail a build.
 *
 * @returns `{ name, limit, found }`. A bar without a limit is only for comparison.
 */
export function barsOf(part, results) {
  return [...(BARS[part]?.(results) ?? [])]
}

const BARS = { decision: decisionBars, http: httpBars, scaling: scalingBars, texas: texasBars }

function* decisionBars(part) {
  const { portvakt, ...peers } = part.contestants
  const hot = (peer) => ratio(portvakt.hot.cpu, peers[peer].hot.cpu)
  yield { name: 'hot decision ÷ fast-jwt with cache', limit: 0.3, found: hot('fast-jwt, cache') }
  yield {
    name: 'hot decision ÷ fast-jwt with cache by whole token',
    found: hot('fast-jwt, cache by whole token'),
  }
  const cold = (peer) => ratio(portvakt['cold, 64 in flight'].cpu, peers[peer]['cold, 64 in flight'].cpu)
  yield {
    name: 'cold decision ÷ jose.jwtVerify with imported key, 64 in flight',
    limit: 1.15,
    found: cold('jose.jwtVerify, imported key'),
  }
  yield { name: 'cold decision ÷ subtle.verify alone, 64 in flight', found: cold('subtle.verify alone') }
  yield {
    name: 'malformed token refused, µs (the most expensive kind)',
    limit: 5,
    found: mostExpensive(MALFORMED.map((set) => portvakt[`refused: ${set}`].cpu)),
  }
  const verified = MALFORMED.reduce((sum, set) => sum + part.verifications[set], 0)
  yield { name: 'malformed tokens: signatures verified', limit: 0, found: summary([verified]) }
}

function* httpBars(part) {
  for (const [framework, limit] of Object.entries(GUARDED)) {
    const toBare = (name) =>
      ratio(part[framework][name]['100 live'].cpu, part[framework].bare['100 live'].cpu)
    yield { name: `${framework}: server CPU guarded ÷ bare, 100 live`, limit, found: toBare('portvakt') }
    yield { name: `${framework}: bare again ÷ bare, which is noise`, found: toBare(CONTROL) }
    yield { name: `${framework}: a middleware that only awaits ÷ bare`, found: toBare(ASYNCHRONOUS) }
  }
  for (const framework of Object.keys(GUARDED)) {
    const { bare, portvakt, [CONTROL]: _again, [ASYNCHRONOUS]: _awaits, ...peers } = part[framework]
    const added = (contestant) => difference(contestant['always new'].cpu, bare['always new'].cpu)
    const [[name, best]] = Object.entries(peers)
      .map(([peer, figures]) => [peer, added(figures)])
      .sort(([, one], [, other]) => one.median - other.median)
    yield {
      name: `${framework}: CPU added by always-new tokens ÷ ${name}`,
      limit: 0.85,
      found: ratio(added(portvakt), best),
    }
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

/**
 * Bars of the run in which the ratio to a bare exchange is lowest. The ratio of a second bare exchange to the
 * first one shows the noise.
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
