import { boundsFor, brokenPromises } from './bounds.mjs'
import { ENDPOINTS, ratesIn } from './record.mjs'
import { PHASES } from './scenario.mjs'
import { figure, table } from './table.mjs'

/**
 * Prints the figures, and a message for each broken promise. The promises: every rate stays within its bound,
 * and calls are handled as bounds.mjs requires.
 *
 * @returns true if every promise was kept
 */
export function print(record, replicas, jitter) {
  const broken = []
  const bounds = boundsFor(replicas)
  const rows = [['requests a second', '', 'mean', 'in a minute', 'bound', 'in a second', 'bound']]
  PHASES.forEach((phase, index) => {
    for (const endpoint of ENDPOINTS) {
      const rates = ratesIn(record.requests[endpoint], index)
      const bound = bounds(phase, endpoint)
      for (const span of ['minute', 'second'])
        if (rates[span] > bound[span])
          broken.push(`${phase}, ${endpoint}: ${figure(rates[span])} requests a second in a ${span}`)
      rows.push([
        endpoint === ENDPOINTS[0] ? phase : '',
        endpoint,
        ...[rates.mean, rates.minute, bound.minute, rates.second, bound.second].map(figure),
      ])
    }
  })
  table(rows, 2)
  console.log()
  table([
    ['calls', 'taken', '401, 403', '503', 'no keys yet', 'no token', 'longest: call', 'token', 'start'],
    ...record.phases.map((phase, index) => [
      PHASES[index],
      ...[phase.calls, phase.refused, phase.unavailable, phase.withoutKeys, phase.withoutToken],
      ...[phase.longestCall, phase.longestToken, phase.longestStart].map((time) => `${time.toFixed(1)} s`),
    ]),
  ])
  console.log()
  broken.push(...brokenPromises(record))
  if (!jitter) console.log('without jitter: bounds are not checked')
  console.log(broken.length === 0 ? 'every promise was kept' : broken.join('\n'))
  return broken.length === 0
}
