import { serversOf, share } from '../added.mjs'
import { CONTROL } from '../contestants/servers.mjs'
import { KNOWN, NEW } from '../setting.mjs'
import { errorBar, ratio } from '../statistics.mjs'
import { cell, digits, medians, rowsOf } from '../table.mjs'

export function httpTables({ generations, frameworks }) {
  return Object.entries(frameworks).flatMap(([framework, contestants]) => {
    const modes = Object.keys(contestants.bare)
    const servers = Object.fromEntries(serversOf(contestants).map((name) => [name, contestants[name]]))
    const tableOf = (title, rows, show) => [
      `${framework}: ${title}`,
      ['', ...modes],
      rowsOf(rows, (found) => modes.map((mode) => show(found[mode] ?? {}))),
    ]
    return [
      [
        `${framework}: server CPU µs a request (quartiles)`,
        ['', ...modes.flatMap((mode) => [mode, 'user CPU'])],
        rowsOf(contestants, (found) =>
          modes.flatMap((mode) => [cell(found[mode]?.cpu), cell(found[mode]?.user)]),
        ),
      ],
      addedTable(framework, contestants, generations),
      tableOf('requests a second', servers, ({ perSecond }) => cell(perSecond)),
      tableOf('latency µs, median / 99th percentile', servers, ({ p50, p99 }) => medians(p50, p99)),
    ]
  })
}

/** The CPU that each server adds to the bare server. The error bar is the CPU that `bare again` adds. */
function addedTable(framework, contestants, generations) {
  const columns = [KNOWN, NEW].map((mode) => {
    const error = digits(errorBar(share(contestants, CONTROL, mode), generations))
    const toBare = (name) => ratio(contestants[name][mode].cpu, contestants.bare[mode].cpu)
    const cellsOf = (name) => [cell(toBare(name)), `${cell(share(contestants, name, mode))} ± ${error}`]
    return { headers: [`${mode}: CPU ÷ bare`, 'user CPU added ÷ a bare verification'], cellsOf }
  })
  return [
    `${framework}: what is added to bare (quartiles)`,
    ['', ...columns.flatMap(({ headers }) => headers)],
    serversOf(contestants)
      .filter((name) => name !== 'bare')
      .map((name) => [name, ...columns.flatMap(({ cellsOf }) => cellsOf(name))]),
  ]
}
