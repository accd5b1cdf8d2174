import { bars, lines, page } from './chart.mjs'
import { MALFORMED } from './setting.mjs'
import { mostExpensive } from './tables.mjs'

/** Returns the charts of the parts that ran, as SVG by name. */
export function chartsOf(parts) {
  const charts = {}
  if (parts.decision) charts['decision'] = page(decisionCharts(parts.decision.contestants))
  if (parts.http) {
    for (const [framework, contestants] of Object.entries(parts.http)) {
      charts[`http-${framework.toLowerCase()}`] = page(httpCharts(framework, contestants))
    }
  }
  if (parts.scaling) charts['scaling'] = page(scalingCharts(parts.scaling))
  if (parts['start-up']) charts['start-up'] = page(startUpCharts(parts['start-up'].times))
  return charts
}

function toneOf(name) {
  if (name.includes('portvakt')) return 'ours'
  return name.startsWith('bare') || name === 'subtle.verify alone' ? 'bare' : 'peer'
}

const barOf = (name, found) => ({ name, tone: toneOf(name), found })

function decisionCharts(contestants) {
  const of = (pick) =>
    Object.entries(contestants).flatMap(([name, found]) => {
      const figure = pick(found)
      return figure ? [barOf(name, figure)] : []
    })
  return [
    bars(
      'A decision on a token seen before',
      'CPU µs',
      of((found) => found.hot.cpu),
    ),
    bars(
      'A decision on a new token, 64 in flight',
      'CPU µs',
      of((found) => found['cold, 64 in flight'].cpu),
    ),
    bars(
      'Refusal of a malformed token',
      'CPU µs',
      of((found) => {
        const kinds = MALFORMED.map((set) => found[`refused: ${set}`]?.cpu).filter(Boolean)
        return kinds.length > 0 ? mostExpensive(kinds) : undefined
      }),
    ),
    bars(
      'A bad signature refused',
      'CPU µs',
      of((found) => found['refused: bad signature']?.cpu),
    ),
  ]
}

function httpCharts(framework, contestants) {
  return Object.keys(contestants.bare).map((mode) =>
    bars(
      `${framework}, tokens: ${mode}`,
      'server CPU µs a request',
      Object.entries(contestants).map(([name, found]) => barOf(name, found[mode].cpu)),
    ),
  )
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
  const CPU = 'CPU µs a decision'
  return [
    lines('Live tokens', CPU, 'tokens in use at the same time, asked for in no order', of('live', hot)),
    lines('Tokens seen', CPU, 'distinct tokens seen before, with 100 in use', of('seen', hot)),
    lines(
      'Heap',
      'MiB',
      'distinct tokens seen',
      of('seen', (found) => found.heap / 2 ** 20),
    ),
    lines('Scopes in a token, seen before', CPU, 'scopes', of('scopes', hot)),
    lines('Scopes in a token, new', CPU, 'scopes', of('scopes', cold)),
    lines('Size of a token, seen before', CPU, 'bytes', of('size', hot)),
    lines('Keys in the set, token seen before', CPU, 'keys', of('keys', hot)),
    lines('Keys in the set, new token', CPU, 'keys', of('keys', cold)),
    lines('Rules, token seen before', CPU, 'distinct rules in one process', of('rules', hot)),
  ]
}

function startUpCharts(times) {
  const of = (figure) =>
    Object.entries(times).flatMap(([name, found]) => (found[figure] ? [barOf(name, found[figure])] : []))
  return [
    bars('Import', 'ms', of('importTime')),
    bars('From import to the first decision, keys included', 'ms', of('firstDecision')),
  ]
}
