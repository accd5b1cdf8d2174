// Simulates a part of the fleet in its own thread. The parts share no state: they have only the endpoints in
// common, and an endpoint's answers do not depend on its load.
import { parentPort, workerData } from 'node:worker_threads'
import { randomFrom } from '../random.mjs'
import { SimulatedClock } from './clock.mjs'
import { createMaskinporten } from './maskinporten.mjs'
import { createRecord } from './record.mjs'
import { Replica } from './replica.mjs'
import { DAY, ROLLOUTS, ROTATIONS, WARM_UP, WITHOUT_PROBE } from './scenario.mjs'
import { settle, shareCrypto } from './shared-crypto.mjs'

const { replicas, part, parts, jitter } = workerData
const START_OF_DAY = Date.UTC(2026, 10, 30)

shareCrypto()
const clock = new SimulatedClock(START_OF_DAY, -WARM_UP, settle)
const record = createRecord()
const maskinporten = await createMaskinporten(clock, record)
const world = { clock, record, maskinporten, jitter }

for (let index = part; index < replicas; index += parts) {
  /** The position of the replica in the fleet, from 0 to 1. */
  const share = index / replicas
  const replica = new Replica(index, share >= WITHOUT_PROBE, world)
  const random = randomFrom(index * 4 + 3)
  clock.at(-WARM_UP + random() * (WARM_UP - 600), () => replica.start())
  for (const { at, within, from, to } of ROLLOUTS) {
    if (share >= from && share < to) clock.at(at + random() * within, () => replica.restart())
  }
}

for (const { at, signsAt } of ROTATIONS) {
  await clock.runUntil(at)
  await maskinporten.publishNextKey()
  await clock.runUntil(signsAt)
  await maskinporten.signWithNextKey()
}
await clock.runUntil(DAY)
parentPort.postMessage(record)
