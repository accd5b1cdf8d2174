import { cell, medians, rowsOf } from '../table.mjs'

export function clientTables({ tokens, commands }) {
  const minted = Object.fromEntries(Object.entries(tokens).filter(([, found]) => found['16 in flight']))
  return [
    ...[1, 16].map((count) => [
      `Tokens minted, ${count} in flight (quartiles)`,
      ['', 'tokens a second', 'CPU µs', 'user CPU µs', 'latency µs, median / 99th percentile'],
      rowsOf(minted, (found) => {
        const { perSecond, cpu, user, p50, p99 } = found[`${count} in flight`]
        return [cell(perSecond), cell(cpu), cell(user), medians(p50, p99)]
      }),
    ]),
    [
      '`getToken` from the cache: µs a call (quartiles)',
      ['', 'CPU', 'user CPU', 'wall'],
      rowsOf({ '100 requests in turn': tokens.client.cached }, ({ cpu, user, wall }) => [
        cell(cpu),
        cell(user),
        cell(wall),
      ]),
    ],
    [
      'Cold start of commands, ms (quartiles)',
      ['', 'wall', 'CPU'],
      rowsOf(commands, ({ wall, cpu }) => [cell(wall), cell(cpu)]),
    ],
  ]
}
