/**
 * Simulates a fleet over a day, on a fake clock: two rotations of the keys, an hour's outage and a rollout.
 *
 *   pnpm test:fleet [--replicas 2000] [--parts 2] [--without-jitter]
 *
 * Each replica has the real validator and the real client. The run prints how many requests reach each
 * endpoint, and exits with 1 if a good call is refused or a rate is above its bound. The figures are the same
 * in every run. With `--without-jitter`, the library draws the same random number each time, which shows the
 * effect of jitter. The run then always exits with 0.
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { combine } from './record.mjs'
import { print } from './report.mjs'

const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '2000' },
    parts: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
    'without-jitter': { type: 'boolean', default: false },
  },
})
const replicas = Number(values.replicas)
const parts = Number(values.parts)
const jitter = !values['without-jitter']
if (!(Number.isInteger(replicas) && replicas >= 100)) throw new Error('--replicas must be 100 or more')
if (!(Number.isInteger(parts) && parts >= 1)) throw new Error('--parts must be 1 or more')

const startedAt = performance.now()
const records = await Promise.all(
  Array.from({ length: parts }, async (_, part) => {
    const workerData = { replicas, part, parts, jitter }
    const [record] = await once(new Worker(new URL('part.mjs', import.meta.url), { workerData }), 'message')
    return record
  }),
)
const isKept = print(combine(records), replicas, jitter)
console.log(`simulated in ${Math.round((performance.now() - startedAt) / 1000)} s by ${parts} threads`)
process.exitCode = isKept || !jitter ? 0 : 1
