import { startMockMaskinporten } from './serve.js'

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
export const maskinporten = await startMockMaskinporten()
maskinporten.unref()
Object.assign(process.env, maskinporten.env)
