import { digits } from '../table.mjs'

/** A row for each entry: its name, and then its cells. */
export function rowsOf(entries, cellsOf) {
  return Object.entries(entries).map(([name, found]) => [name, ...cellsOf(found)])
}

export function medians(...figures) {
  return figures.map((found) => digits(found?.median)).join(' / ')
}
