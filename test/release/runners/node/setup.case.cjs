const assert = require('node:assert')
const { test } = require('node:test')
const { requireMaskinportenScope } = require('@portvakt/express')

test('a CommonJS app is guarded when it is loaded, and the mock that its variables name answers', async (t) => {
  assert.equal(typeof requireMaskinportenScope('nav:x.read'), 'function')
  const { maskinporten } = await import('@portvakt/mock/setup')
  t.diagnostic(`mock of setup.case.cjs: ${maskinporten.issuer}`)
  assert.equal(process.env.MASKINPORTEN_ISSUER, maskinporten.issuer)
  assert.equal((await fetch(process.env.MASKINPORTEN_JWKS_URI)).status, 200)
})
