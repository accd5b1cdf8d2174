// The guarded API, in a process of its own, which reports on itself when it is asked.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createMaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

// Keys go stale every two seconds, so that refreshes meet the faults.
const validator = createMaskinportenValidator({ keys: { freshFor: 2, unknownKeyCooldown: 1 } })
await validator.ready()
const app = express().disable('x-powered-by')
app.get('/health', (_request, response) => void response.json({ usable: validator.health().usable }))
app.get(
  '/guarded',
  requireMaskinportenScope('nav:x.read', { validator }),
  (_request, response) => void response.json({}),
)
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
const delay = monitorEventLoopDelay({ resolution: 1 })

process.on('message', (message) => {
  if (message === 'begin') delay.enable()
  if (message === 'report') {
    globalThis.gc()
    process.send({
      delayP99: delay.percentile(99) / 1e6,
      delayMax: delay.max / 1e6,
      heap: process.memoryUsage().heapUsed,
      resources: process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').length,
    })
  }
  if (message === 'close') {
    delay.disable()
    server.close(() => {
      process.send({ closed: true })
      process.disconnect()
    })
    server.closeAllConnections()
  }
})
