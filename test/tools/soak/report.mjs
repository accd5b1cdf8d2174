const MIB = 1024 * 1024

/**
 * Prints the figures, the goals that the run missed, and the promises that the run broke (for example, that
 * no bad token is accepted).
 *
 * @returns true if every promise was kept. Goals depend on the speed of the machine; promises do not.
 */
export function print({ attack, seen, seconds, before, after, exited, badPerSecond, kinds }) {
  const requests = attack.answered + seen.good + seen.health
  const grown = (after.heap - before.heap) / MIB
  const statuses = Object.entries(attack.statuses).map(([status, count]) => `${status}: ${count}`)
  const rows = [
    ['bad tokens', `${attack.answered} of ${kinds} kinds`, statuses.join(', ')],
    ['', `${Math.round(attack.rate)} a second`, `goal: ${badPerSecond}`],
    ['', `${attack.accepted} accepted`, `${attack.wrong.length} with an unexpected answer`],
    [
      'good tokens',
      `${seen.good}, ${Math.round(seen.good / seconds)} a second`,
      `${seen.goodRefused} refused`,
    ],
    ['health', `${seen.health}, slowest ${seen.healthSlowest.toFixed(0)} ms`, `${seen.healthFailed} failed`],
    ['requests without an answer', String(seen.unanswered), ''],
    [
      'event-loop delay',
      `p99 ${after.delayP99.toFixed(1)} ms`,
      `max ${after.delayMax.toFixed(1)} ms; goal: p99 ≤ 20 ms`,
    ],
    [
      'server’s CPU',
      `${(after.cpu / requests).toFixed(0)} µs a request`,
      `event loop busy ${(after.busy * 100).toFixed(0)} % of the time`,
    ],
    ['attacker’s CPU', `${(attack.cpu / attack.answered).toFixed(0)} µs a request`, ''],
    [
      'heap in use, after collection',
      `${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB`,
      `from ${(before.heap / MIB).toFixed(1)} MiB`,
    ],
    ['handles other than connections', `${before.resources} → ${after.resources}`, ''],
    ['process ended after its server', `${exited.toFixed(0)} ms`, 'goal: ≤ 100 ms'],
  ]
  for (const [name, figure, more] of rows)
    console.log(`${name.padEnd(32)}${figure.padEnd(28)}${more}`.trimEnd())

  const broken = [
    attack.accepted > 0 && 'a bad token was accepted',
    attack.wrong.length > 0 && `an answer was unexpected (${attack.wrong.slice(0, 3).join('; ')})`,
    seen.goodRefused > 0 && 'a good token was refused',
    (seen.healthFailed > 0 || seen.health === 0) && 'the health route failed',
    seen.unanswered > 0 && 'a request had no answer',
    grown > 8 && 'memory grows',
    after.resources > before.resources + 2 && 'handles are left over',
  ].filter(Boolean)
  const missed = [
    // One per cent is tolerated, because the answers to the last requests arrive later.
    attack.rate < badPerSecond * 0.99 && 'the rate',
    after.delayP99 > 20 && 'the event-loop delay',
    exited > 100 && 'the end of the process',
  ].filter(Boolean)
  console.log(
    missed.length === 0 ? 'every goal was reached' : `not reached on this machine: ${missed.join(', ')}`,
  )
  console.log(broken.length === 0 ? 'every promise was kept' : broken.join('; '))
  return broken.length === 0
}
