// Runs the API in its own process, and reports figures on request. With `--bare`, the API has no guard and
// answers bad tokens with a prepared denial, so that only the framework and the machine are measured.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

const SCOPE = 'nav:x.read'

// Keys become stale every two seconds, so that faults of the key endpoint affect refreshes.
const validator = createMaskinportenValidator({ keys: { maxAge: 2, cooldown: 1 } })
await validator.ready()

const guards = process.argv.includes('--bare')
  ? { bad: await refusing(), good: (_request, _response, next) => next() }
  : { bad: guard(), good: guard() }

const app = express().disable('x-powered-by')
app.get('/health', (_request, response) => void response.json({ usable: validator.health().usable }))
app.get('/bad', guards.bad, answer)
app.get('/good', guards.good, answer)
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
const delay = monitorEventLoopDelay({ resolution: 1 })
let began

function guard() {
  return requireMaskinportenScope(SCOPE, { validator })
}

/** Returns a handler that sends the guard's denial of a bad token. */
async function refusing() {
  const { denial } = await validator.decide('Bearer x', SCOPE)
  return (_request, response) => void response.status(denial.status).set(denial.headers).end(denial.body)
}

function answer(_request, response) {
  response.json({})
}

function report() {
  const { user, system } = process.cpuUsage(began?.cpu)
  globalThis.gc()
  return {
    cpu: user + system,
    busy: performance.eventLoopUtilization(began?.loop).utilization,
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    heap: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').length,
  }
}

process.on('message', (message) => {
  if (message === 'begin') {
    began = { cpu: process.cpuUsage(), loop: performance.eventLoopUtilization() }
    delay.reset()
    delay.enable()
  }
  if (message === 'report') process.send(report())
  if (message === 'close') {
    delay.disable()
    server.close(() => {
      process.send({ closed: true })
      process.disconnect()
    })
    server.closeAllConnections()
  }
})
