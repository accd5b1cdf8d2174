import { BARE } from './contestants/texas-calls.mjs'
import { MALFORMED } from './setting.mjs'
import { cell, digits, table } from './table.mjs'

/** The titles and tables that each part prints. */
export const TABLES = {
  decision({ contestants, verifications }) {
    const names = Object.keys(contestants)
    const refusing = names.filter((name) => contestants[name]['refused: expired'])
    return [
      [
        'A decision: CPU µs a call (quartiles)',
        table(
          ['', 'hot', 'cold, 64 in flight', 'cold, 1 in flight', 'cold, 1 in flight, wall µs'],
          names.map((name) => {
            const of = contestants[name]
            const [many, one] = [of['cold, 64 in flight'], of['cold, 1 in flight']]
            return [name, cell(of.hot.cpu), cell(many.cpu), cell(one.cpu), cell(one.wall)]
          }),
        ),
      ],
      [
        'A refusal: CPU µs a call (quartiles)',
        table(
          ['', ...refusing],
          [...MALFORMED, 'bad signature', 'expired', 'wrong scope', 'unknown key'].map((set) => [
            set,
            ...refusing.map((name) => cell(contestants[name][`refused: ${set}`]?.cpu)),
          ]),
        ),
      ],
      [
        'Signatures that portvakt verifies for 20 refusals',
        table(
          ['set', 'verifications'],
          Object.entries(verifications).map(([set, count]) => [set, String(count)]),
        ),
      ],
    ]
  },

  http(frameworks) {
    return Object.entries(frameworks).flatMap(([framework, contestants]) => {
      const modes = Object.keys(contestants.bare)
      const rows = (figure) =>
        Object.entries(contestants).map(([name, found]) => [
          name,
          ...modes.map((mode) => cell(found[mode][figure])),
        ])
      return [
        [`${framework}: server CPU µs a request (quartiles)`, table(['', ...modes], rows('cpu'))],
        [`${framework}: requests a second`, table(['', ...modes], rows('perSecond'))],
        [
          `${framework}: latency µs, median / 99th percentile`,
          table(
            ['', ...modes],
            Object.entries(contestants).map(([name, found]) => [
              name,
              ...modes.map((mode) => `${digits(found[mode].p50.median)} / ${digits(found[mode].p99.median)}`),
            ]),
          ),
        ],
      ]
    })
  },

  scaling(series) {
    const titles = {
      live: 'tokens are live, asked for in no order',
      seen: 'tokens were seen, with 100 live',
      keys: 'keys are in the set',
      scopes: 'scopes are in a token',
      size: 'bytes a token has',
      rules: 'distinct rules are in one process',
    }
    return Object.entries(titles).map(([name, title]) => {
      const contestants = Object.keys(series[name])
      const points = Object.keys(series[name][contestants[0]])
      const columns = contestants.flatMap((each) =>
        ['hot', 'cold', 'heap']
          .filter((figure) => series[name][each][points[0]][figure])
          .map((figure) => [each, figure]),
      )
      return [
        `CPU µs a call, by how many ${title}`,
        table(
          ['', ...columns.map(([each, figure]) => `${each}: ${figure}`)],
          points.map((point) => [
            digits(Number(point)),
            ...columns.map(([each, figure]) => {
              const found = series[name][each][point][figure]
              return figure === 'heap' ? `${digits(found / 2 ** 20)} MiB` : cell(found)
            }),
          ]),
        ),
      ]
    })
  },

  memory(contestants) {
    const rows = Object.entries(contestants).map(([name, { bytes }]) => [name, cell(bytes)])
    return [['Heap for one cached token, in bytes', table(['', 'bytes'], rows)]]
  },

  flood(contestants) {
    const floods = Object.keys(contestants.bare)
    const rows = (show) =>
      Object.entries(contestants).map(([name, found]) => [name, ...floods.map((flood) => show(found[flood]))])
    const three = (a, b, c) => `${digits(a.median)} / ${digits(b.median)} / ${digits(c.median)}`
    return [
      [
        'Express under bad tokens: how late the event loop is, ms, median / 99th percentile / most',
        table(
          ['', ...floods],
          rows((found) => three(found.lateP50, found.lateP99, found.lateMax)),
        ),
      ],
      [
        'Express under bad tokens: latency of the good requests, ms, median / 99th percentile, and CPU share',
        table(
          ['', ...floods],
          rows((found) => three(found.goodP50, found.goodP99, found.cpuShare)),
        ),
      ],
    ]
  },

  texas({ runs, floods }) {
    const callers = Object.keys(Object.values(floods)[0])
    return [
      [
        'Texas: user CPU µs a call (quartiles)',
        table(
          ['', ...runs.map((_, index) => `run ${index + 1}`)],
          Object.keys(runs[0]).map((name) => [name, ...runs.map((run) => cell(run[name].cpu))]),
        ),
      ],
      [
        'Callers without a token: latency of good tokens, ms, median / 99th percentile, and how many are refused',
        table(
          ['', ...callers.map((count) => `with ${count} callers`)],
          Object.entries(floods).map(([name, found]) => [
            name === BARE ? 'Texas first' : name,
            ...callers.map((count) => {
              const { p50, p99, refused, of } = found[count]
              return `${digits(p50)} / ${digits(p99)}, ${refused} of ${of}`
            }),
          ]),
        ),
      ],
    ]
  },

  'start-up'({ times, packages }) {
    return [
      [
        'Start-up, ms (quartiles)',
        table(
          ['', 'import', 'to the first decision'],
          Object.entries(times).map(([name, found]) => [
            name,
            cell(found.importTime),
            cell(found.firstDecision),
          ]),
        ),
      ],
      [
        'Packages, bytes',
        table(
          ['', 'packed', 'unpacked', 'files'],
          Object.entries(packages).map(([name, { packed, unpacked, files }]) => [
            name,
            digits(packed),
            digits(unpacked),
            String(files),
          ]),
        ),
      ],
    ]
  },
}

/** Returns the figure with the highest median. */
export function mostExpensive(found) {
  return found.filter(Boolean).reduce((most, each) => (each.median > most.median ? each : most))
}
