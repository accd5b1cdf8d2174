/**
 * Runs as a Worker, a fork or a cluster's worker. Reports the outcome of two tokens and the address of its
 * mock.
 */
const { isMainThread, parentPort } = require('node:worker_threads')
const { createMaskinportenValidator } = require('@portvakt/express')

const parent = isMainThread ? process : parentPort
const answer = (message) => (isMainThread ? process.send(message) : parentPort.postMessage(message))

parent.once('message', async (token) => {
  const validator = createMaskinportenValidator()
  const outcomeOf = (one) =>
    validator.verify(one, 'nav:x.read').then(
      () => 'verified',
      (error) => error.reason,
    )
  const { maskinporten } = await import('@portvakt/mock/setup')
  answer({
    given: await outcomeOf(token),
    own: await outcomeOf(await maskinporten.issueToken({ scope: 'nav:x.read' })),
    issuer: maskinporten.issuer,
    variable: process.env.MASKINPORTEN_ISSUER,
  })
  if (isMainThread) process.disconnect()
})
answer('ready')
