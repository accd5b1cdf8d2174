const assert = require('node:assert')
const { fork } = require('node:child_process')
const cluster = require('node:cluster')
const { once } = require('node:events')
const { join } = require('node:path')
const { test } = require('node:test')
const { SHARE_ENV, Worker } = require('node:worker_threads')

const script = join(__dirname, 'child.cjs')

const CHILDREN = {
  'a Worker': () => new Worker(script),
  'a Worker with other variables': () => new Worker(script, { env: { OTHER: '1' } }),
  'a Worker that shares the variables': () => new Worker(script, { env: SHARE_ENV }),
  'a fork': () => fork(script),
  "a cluster's worker": () => {
    cluster.setupPrimary({ exec: script })
    return cluster.fork()
  },
}

for (const [name, start] of Object.entries(CHILDREN)) {
  test(`${name} shares its parent's mock`, async (t) => {
    const { maskinporten } = await import('@portvakt/mock/setup')
    t.diagnostic(`mock of children.case.cjs: ${maskinporten.issuer}`)
    const child = start()
    t.after(() => (child.kill ? child.kill() : child.terminate()))
    const send = (message) => (child.send ? child.send(message) : child.postMessage(message))
    // A cluster's worker on Node 20 loses messages that arrive before its script listens.
    const [first] = await once(child, 'message')
    assert.equal(first, 'ready')
    send(await maskinporten.issueToken({ scope: 'nav:x.read' }))
    const [answer] = await once(child, 'message')
    assert.deepEqual(answer, {
      given: 'verified',
      own: 'verified',
      issuer: maskinporten.issuer,
      variable: maskinporten.issuer,
    })
    assert.equal(process.env.MASKINPORTEN_ISSUER, maskinporten.issuer)
  })
}
