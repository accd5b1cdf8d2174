import { BARE } from './contestants/texas-calls.mjs'
import { HEADER_LENGTHS } from './setting.mjs'
import { cell, digits, medians, rowsOf } from './table.mjs'
import { clientTables } from './tables/client.mjs'
import { decisionTables } from './tables/decision.mjs'
import { httpTables } from './tables/http.mjs'

/** The tables that each part prints: title, headers and rows. */
export const TABLES = {
  decision: decisionTables,
  http: httpTables,
  client: clientTables,

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
        ['', ...columns.map(([each, figure]) => `${each}: ${figure}`)],
        points.map((point) => [
          digits(Number(point)),
          ...columns.map(([each, figure]) => {
            const found = series[name][each][point][figure]
            return figure === 'heap' ? `${digits(found / 2 ** 20)} MiB` : cell(found)
          }),
        ]),
      ]
    })
  },

  fields(fields) {
    return [
      [
        'A refusal, by the field that fills the Authorization value: CPU µs a call (quartiles)',
        ['', ...HEADER_LENGTHS.map((length) => `${digits(length)} characters`)],
        rowsOf(fields, (found) => HEADER_LENGTHS.map((length) => cell(found[length].cpu))),
      ],
    ]
  },

  memory(contestants) {
    const rows = rowsOf(contestants, ({ bytes }) => [cell(bytes)])
    return [['Heap for one cached token, in bytes', ['', 'bytes'], rows]]
  },

  flood(contestants) {
    const floods = Object.keys(contestants.bare)
    const tableOf = (title, show) => [
      `Express under bad tokens: ${title}`,
      ['', ...floods],
      rowsOf(contestants, (found) => floods.map((flood) => show(found[flood]))),
    ]
    return [
      tableOf('how late the event loop is, ms, median / 99th percentile / most', (found) =>
        medians(found.lateP50, found.lateP99, found.lateMax),
      ),
      tableOf('latency of the good requests, ms, median / 99th percentile, and CPU share', (found) =>
        medians(found.goodP50, found.goodP99, found.cpuShare),
      ),
    ]
  },

  texas({ runs, floods }) {
    const callers = Object.keys(Object.values(floods)[0])
    const shown = ({ p50, p99, refused, of }) => `${digits(p50)} / ${digits(p99)}, ${refused} of ${of}`
    const { [BARE]: alone, ...others } = floods
    return [
      [
        'Texas: user CPU µs a call (quartiles)',
        ['', ...runs.map((_, index) => `run ${index + 1}`)],
        Object.keys(runs[0]).map((name) => [name, ...runs.map((run) => cell(run[name].cpu))]),
      ],
      [
        'Callers without a token: latency of good tokens, ms, median / 99th percentile, and how many are refused',
        ['', ...callers.map((count) => `with ${count} callers`)],
        rowsOf({ 'Texas first': alone, ...others }, (found) => callers.map((count) => shown(found[count]))),
      ],
    ]
  },

  'start-up'({ times, packages }) {
    return [
      [
        'Start-up, ms (quartiles)',
        ['', 'import', 'to the first decision'],
        rowsOf(times, ({ importTime, firstDecision }) => [cell(importTime), cell(firstDecision)]),
      ],
      [
        'Packages, bytes',
        ['', 'packed', 'unpacked', 'files'],
        rowsOf(packages, (of) => [digits(of.size), digits(of.unpackedSize), String(of.entryCount)]),
      ],
    ]
  },
}
