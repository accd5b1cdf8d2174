import { VERIFICATION } from '../contestants/calls.mjs'
import { MALFORMED } from '../setting.mjs'
import { ratio } from '../statistics.mjs'
import { cell, digits, medians, rowsOf } from '../table.mjs'

export function decisionTables({ contestants, verifications }) {
  const names = Object.keys(contestants)
  const refusing = names.filter((name) => contestants[name]['refused: expired'])
  const sets = [...MALFORMED, 'bad signature', 'expired', 'wrong scope', 'unknown key']
  return [
    [
      'A known token: µs a call (quartiles)',
      ['', 'CPU', 'user CPU', 'wall'],
      rowsOf(contestants, ({ hot }) => [cell(hot.cpu), cell(hot.user), cell(hot.wall)]),
    ],
    newTokenTable(contestants, 1),
    newTokenTable(contestants, 64),
    [
      'A refusal: CPU µs a call (quartiles)',
      ['', ...refusing],
      sets.map((set) => [set, ...refusing.map((name) => cell(contestants[name][`refused: ${set}`]?.cpu))]),
    ],
    [
      'Signatures that portvakt verifies for 20 refusals',
      ['set', 'verifications'],
      rowsOf(verifications, (count) => [String(count)]),
    ],
  ]
}

function newTokenTable(contestants, inFlight) {
  const figures = (name) => contestants[name][`cold, ${inFlight} in flight`]
  const to = (name) => (found) =>
    ['cpu', 'p50'].map((figure) => digits(ratio(found[figure], figures(name)[figure]).median))
  const [toBare, toPeer] = [to(VERIFICATION), to('aws-jwt-verify')]
  return [
    `A new token, ${inFlight} in flight: µs a call (quartiles)`,
    [
      ...['', 'CPU', 'user CPU', 'latency, median / 99th percentile'],
      ...[`CPU ÷ ${VERIFICATION}`, 'latency ÷', 'CPU ÷ aws-jwt-verify', 'latency ÷'],
    ],
    Object.keys(contestants).map((name) => {
      const found = figures(name)
      const { cpu, user, p50, p99 } = found
      return [name, cell(cpu), cell(user), medians(p50, p99), ...toBare(found), ...toPeer(found)]
    }),
  ]
}
