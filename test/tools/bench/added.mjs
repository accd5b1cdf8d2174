import { VERIFICATION } from './contestants/calls.mjs'
import { CONTROL, UNGUARDED } from './contestants/servers.mjs'
import { difference, errorBar, ratio } from './statistics.mjs'

/** The `cpu` or `user` time that a contestant adds to its framework's bare server, in µs per request. */
export function added(contestants, name, mode, figure) {
  return difference(contestants[name][mode][figure], contestants.bare[mode][figure])
}

/** The user CPU that a contestant adds, as a share of one bare verification. */
export function share(contestants, name, mode) {
  return ratio(added(contestants, name, mode, 'user'), contestants[VERIFICATION][mode].user)
}

/** The contestants of a framework that have a server. */
export function serversOf(contestants) {
  return Object.keys(contestants).filter((name) => name !== VERIFICATION)
}

/** The name of the peer that adds the least CPU to the bare server. */
export function bestPeer(contestants, mode) {
  const peers = serversOf(contestants).filter((name) => name !== 'portvakt' && !UNGUARDED.includes(name))
  const cost = (name) => added(contestants, name, mode, 'cpu').median
  return peers.toSorted((one, other) => cost(one) - cost(other))[0]
}

/** The CPU that portvakt adds divided by the CPU that a peer adds, and the noise of this ratio. */
export function toPeer(contestants, peer, mode, figure, generations) {
  const [ours, theirs, again] = ['portvakt', peer, CONTROL].map((name) =>
    added(contestants, name, mode, figure),
  )
  const found = ratio(ours, theirs)
  const error = errorBar(again, generations)
  // The relative errors of a quotient add up.
  const noise = Math.abs(found.median) * (error / Math.abs(ours.median) + error / Math.abs(theirs.median))
  return { found, noise }
}
