import { type ServedMockMaskinporten, startMockMaskinporten } from './serve.js'

// Test files that share a process and its modules (Vitest without isolation) run this file anew each, but the
// app took its configuration the first time. So they share the mock as well.
const key = Symbol.for('@portvakt/mock/setup')

async function startOnce(): Promise<ServedMockMaskinporten> {
  // Nobody but this function writes there.
  const earlier: ServedMockMaskinporten | undefined = Reflect.get(globalThis, key)
  const served = earlier ?? (await startMockMaskinporten())
  Reflect.set(globalThis, key, served)
  return served
}

/**
 * A mock Maskinporten on loopback, with its variables in `process.env` before the application is imported:
 * a set-up file for Vitest (`setupFiles`) and for `node --import @portvakt/mock/setup`. It does not keep the
 * process alive.
 *
 * @example
 * import { maskinporten } from '@portvakt/mock/setup'
 * const token = await maskinporten.issueToken({ scope: 'nav:x.read' })
 */
// A top-level await, so that whoever imports this file waits; it is never required (Jest has setup.cjs).
export const maskinporten = await startOnce()
maskinporten.unref()
Object.assign(process.env, maskinporten.env)
