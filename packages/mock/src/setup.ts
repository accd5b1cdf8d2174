import { refuseProduction } from './control/refuse-production.js'
import { handedMock, handToChildren } from './control/setup-handover.js'
import type { ServedMockMaskinporten } from './mock-interface.js'

// Test files that share a process and its modules (Vitest without isolation) run this file once each, but the
// app has read its configuration the first time. So they share the mock as well.
const key = Symbol.for('@portvakt/mock/setup')

async function startOnce(): Promise<ServedMockMaskinporten> {
  // Only this function writes there.
  const earlier: ServedMockMaskinporten | undefined = Reflect.get(globalThis, key)
  const served = earlier ?? (await connect()) ?? (await start())
  Reflect.set(globalThis, key, served)
  return served
}

/** A Worker, a fork and a cluster's worker run this file too, and have to accept the tokens of their parent. */
async function connect(): Promise<ServedMockMaskinporten | undefined> {
  const handed = handedMock()
  if (handed === undefined) return undefined
  refuseProduction(false)
  const { connectToMock } = await import('./control/handed-mock.js')
  return connectToMock(handed)
}

async function start(): Promise<ServedMockMaskinporten> {
  const { startMockMaskinporten } = await import('./serve.js')
  const served = await startMockMaskinporten()
  served.unref()
  handToChildren(served)
  return served
}

/**
 * A mock Maskinporten on loopback, with its variables in `process.env` before the application is imported:
 * a set-up file for Vitest (`setupFiles`) and for `node --import @portvakt/mock/setup`. It does not keep the
 * process alive. A Worker, a fork and a cluster's worker share the mock of their parent, where this one has
 * `issueToken` and `badToken`; each file of `node --test` has a mock of its own.
 *
 * @example
 * import { maskinporten } from '@portvakt/mock/setup'
 * const token = await maskinporten.issueToken({ scope: 'nav:x.read' })
 */
// A top-level await, so that whoever imports this file waits; it is never required (Jest has setup.cjs).
export const maskinporten = await startOnce()
Object.assign(process.env, maskinporten.env)
