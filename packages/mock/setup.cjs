/**
 * The set-up file for Jest (`setupFiles`). Jest awaits the exported function. In a test:
 *
 *   const { maskinporten } = require('@portvakt/mock/setup')
 */
'use strict'

const { runInThisContext } = require('node:vm')

// Store the mock on the test file's global object, so that it survives `jest.resetModules()`.
const key = Symbol.for('@portvakt/mock/setup')

// Jest replaces `require` with a version that cannot load ES modules. Node's own `require` is available outside
// Jest's sandbox.
const { createRequire } = runInThisContext('process').getBuiltinModule('node:module')

module.exports = async function setUp() {
  const load = createRequire(__filename)
  const { startMockMaskinporten } = load('./dist/serve.js')
  const { realmClock } = load('./dist/test-clock.js')
  const { handToChildren } = load('./dist/control/setup-handover.js')
  // Use the clock of the test file, so that fake timers also apply to the mock.
  const maskinporten = await startMockMaskinporten({ clock: realmClock(globalThis) })
  maskinporten.unref()
  Object.assign(process.env, maskinporten.env)
  handToChildren(maskinporten, process.env)
  globalThis[key] = maskinporten
}

Object.defineProperty(module.exports, 'maskinporten', {
  enumerable: true,
  get() {
    if (globalThis[key]) return globalThis[key]
    throw new Error(
      "The mock was not started: name '@portvakt/mock/setup' in Jest's `setupFiles`; elsewhere use `node --import`",
    )
  },
})
