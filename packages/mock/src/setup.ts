import { refuseProduction } from './control/refuse-production.js'
import { handedMock, handToChildren } from './control/setup-handover.js'
import type { ServedMockMaskinporten } from './mock-interface.js'

// In Vitest without isolation, this file runs once for each test file in one process, and the app reads its
// configuration only the first time. So the test files share one mock.
const key = Symbol.for('@portvakt/mock/setup')

async function startOnce(): Promise<ServedMockMaskinporten> {
  const earlier: ServedMockMaskinporten | undefined = Reflect.get(globalThis, key)
  const served = earlier ?? (await connect()) ?? (await start())
  Reflect.set(globalThis, key, served)
  return served
}

/**
 * Connects to the mock of the parent process or thread, if there is one. A Worker, a fork or a cluster worker
 * also runs this file, and must accept the tokens of its parent's mock.
 */
async function connect(): Promise<ServedMockMaskinporten | undefined> {
  const handed = handedMock()
  if (handed === undefined) return undefined
  refuseProduction()
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
 * The mock Maskinporten on loopback that this set-up file starts, for Vitest (`setupFiles`) and for
 * `node --import @portvakt/mock/setup`. Its variables are in `process.env` before the application is
 * imported. The mock does not keep the process alive. A Worker, a fork or a cluster worker shares its
 * parent's mock, and can call `issueToken` and `badToken`. Each file of `node --test` has its own mock.
 *
 * @example
 * import { maskinporten } from '@portvakt/mock/setup'
 * const token = await maskinporten.issueToken({ scope: 'nav:x.read' })
 */
// The top-level await makes importers wait. `require` never loads this file: Jest uses setup.cjs.
export const maskinporten = await startOnce()
Object.assign(process.env, maskinporten.env)
