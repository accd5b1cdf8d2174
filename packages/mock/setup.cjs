/**
 * The set-up file for Jest (`setupFiles`), which awaits an exported function. It uses Node's own `require`,
 * which loads ES modules and is not the one that Jest puts in its place. In a test:
 *
 *   const { maskinporten } = require('@portvakt/mock/setup')
 */
'use strict'

const { createRequire } = process.getBuiltinModule('node:module')

module.exports = async function setUp() {
  const { startMockMaskinporten } = createRequire(__filename)('./dist/index.js')
  const maskinporten = await startMockMaskinporten()
  maskinporten.unref()
  Object.assign(process.env, maskinporten.env)
  module.exports.maskinporten = maskinporten
}
