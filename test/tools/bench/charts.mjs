import { serversOf } from './added.mjs'
import { bars, lines, page } from './chart.mjs'
import { VERIFICATION } from './contestants/calls.mjs'
import { MALFORMED } from './setting.mjs'
import { highest } from './statistics.mjs'

/** Returns the charts of one part of the benchmark, such as `http`: SVG texts by the name of the chart. */
export function chartsOf(part, results) {
  const charts = CHARTS[part]?.(results) ?? {}
  return Object.fromEntries(Object.entries(charts).map(([name, list]) => [name, page(list)]))
}

const CHARTS = {
  decision: ({ contestants }) => ({
    decision: [decisionChart(contestants)],
    refusal: refusalCharts(contestants),
  }),
  http({ frameworks }) {
    const charts = Object.entries(frameworks).map(([framework, contestants]) => [
      `http-${framework.toLowerCase()}`,
      httpCharts(framework, contestants),
    ])
    return Object.fromEntries(charts)
  },
  scaling: (series) => ({ scaling: scalingCharts(series) }),
}

const BARE = [VERIFICATION, 'subtle.verify alone']

function toneOf(name) {
  if (name.includes('portvakt')) return 'ours'
  return name.startsWith('bare') || BARE.some((bare) => name.includes(bare)) ? 'bare' : 'peer'
}

const barOf = (name, found) => ({ name, tone: toneOf(name), found })

/** The chart in README.md: the cost of a decision on a token that the API knows, and on a new token. */
function decisionChart(contestants) {
  const all = Object.entries(contestants)
  return bars('A decision on a token', 'CPU µs', [
    ...all
      .filter(([name]) => !BARE.includes(name))
      .map(([name, { hot }]) => barOf(`known · ${name}`, hot.cpu)),
    ...all.map(([name, found]) => barOf(`new · ${name}`, found['cold, 1 in flight'].cpu)),
  ])
}

function refusalCharts(contestants) {
  const chart = (title, pick) => {
    const all = Object.entries(contestants).map(([name, figures]) => barOf(name, pick(figures)))
    return bars(
      title,
      'CPU µs',
      all.filter(({ found }) => found),
    )
  }
  return [
    chart('Refusal of a malformed token', (found) =>
      highest(MALFORMED.map((set) => found[`refused: ${set}`]?.cpu)),
    ),
    chart('A bad signature refused', (found) => found['refused: bad signature']?.cpu),
  ]
}

function httpCharts(framework, contestants) {
  return Object.keys(contestants.bare).map((mode) => {
    const shown = serversOf(contestants).map((name) => barOf(name, contestants[name][mode].cpu))
    return bars(`${framework}, tokens: ${mode}`, 'server CPU µs a request', shown)
  })
}

function scalingCharts(series) {
  const of = (name, figure) =>
    Object.entries(series[name])
      .map(([contestant, points]) => ({
        name: contestant,
        points: Object.entries(points).map(([point, found]) => [Number(point), figure(found)]),
      }))
      .filter(({ points }) => points.every(([, value]) => Number.isFinite(value)))
  const hot = (found) => found.hot.median
  const cold = (found) => found.cold.median
  const heap = (found) => found.heap / 2 ** 20
  const CPU = 'CPU µs a decision'
  return [
    lines('Live tokens', CPU, 'tokens in use at the same time, asked for in no order', of('live', hot)),
    lines('Tokens seen', CPU, 'distinct tokens seen before, with 100 in use', of('seen', hot)),
    lines('Heap', 'MiB', 'distinct tokens seen', of('seen', heap)),
    lines('Scopes in a token, seen before', CPU, 'scopes', of('scopes', hot)),
    lines('Scopes in a token, new', CPU, 'scopes', of('scopes', cold)),
    lines('Size of a token, seen before', CPU, 'bytes', of('size', hot)),
    lines('Keys in the set, token seen before', CPU, 'keys', of('keys', hot)),
    lines('Keys in the set, new token', CPU, 'keys', of('keys', cold)),
    lines('Rules, token seen before', CPU, 'distinct rules in one process', of('rules', hot)),
  ]
}
