/**
 * A guarded API under attack: 5,000 bad tokens a second beside good traffic, while the key endpoint fails at random
 * and keys are rotated. `pnpm soak [--seconds 60] [--bad 5000]`. Figures are printed; the exit code is 1 when
 * a promise is broken that does not depend on the machine's speed. Traffic stays on this machine.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BAD_TOKENS, startMockMaskinporten } from '@portvakt/mock'
import { Pool } from 'undici'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, bad: { type: 'string', default: '5000' } },
})
const seconds = Number(values.seconds)
const badPerSecond = Number(values.bad)
const GOOD_PER_SECOND = 500
const HEALTH_PER_SECOND = 10
const TICK = 10
const SCOPE = 'nav:x.read'

const mock = await startMockMaskinporten({ scopes: [{ name: SCOPE }] })
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), {
  env: { PATH: process.env.PATH, ...mock.env },
  execArgv: ['--expose-gc'],
})
const [{ port }] = await once(server, 'message')
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 })

const good = await Promise.all(
  Array.from({ length: 100 }, () => mock.issueToken({ scope: SCOPE, expiresIn: 3600 })),
)
const kinds = BAD_TOKENS.filter(({ onlyWith, name }) => onlyWith === undefined && name !== 'too-large')
const bad = await Promise.all(kinds.map(({ name }) => mock.badToken(name, { scope: SCOPE, expiresIn: 3600 })))

const seen = {
  good: 0,
  goodRefused: 0,
  bad: 0,
  badAccepted: 0,
  outside: 0,
  health: 0,
  healthFailed: 0,
  unanswered: 0,
}
const inFlight = new Set()

function send(path, authorization, judge) {
  const work = pool
    .request({ method: 'GET', path, headers: authorization ? { authorization } : {} })
    .then(async ({ statusCode, body }) => {
      await body.dump()
      judge(statusCode)
    })
    .catch(() => {
      seen.unanswered++
    })
    .finally(() => inFlight.delete(work))
  inFlight.add(work)
}

const ANSWERS = new Set([400, 401, 403, 503])
const owed = { bad: 0, good: 0, health: 0 }
/** How many of a kind are due, whole ones; the rest is kept for the next time. */
function due(kind, perSecond, share) {
  owed[kind] += perSecond * share
  const whole = Math.floor(owed[kind])
  owed[kind] -= whole
  return whole
}

function tick(share) {
  for (let count = due('bad', badPerSecond, share); count > 0; count--) {
    const token = bad[Math.floor(Math.random() * bad.length)]
    send('/guarded', `Bearer ${token}`, (status) => {
      seen.bad++
      if (status === 200) seen.badAccepted++
      else if (!ANSWERS.has(status)) seen.outside++
    })
  }
  for (let count = due('good', GOOD_PER_SECOND, share); count > 0; count--) {
    send('/guarded', `Bearer ${good[Math.floor(Math.random() * good.length)]}`, (status) => {
      seen.good++
      if (status !== 200) seen.goodRefused++
    })
  }
  for (let count = due('health', HEALTH_PER_SECOND, share); count > 0; count--) {
    send('/health', undefined, (status) => {
      seen.health++
      if (status !== 200) seen.healthFailed++
    })
  }
}

const FAULTS = [{ status: 500 }, { status: 429 }, 'hang', 'reset', 'html', 'empty', { delay: 1 }]
async function disturb(second) {
  mock.clearFaults()
  if (Math.random() < 0.5) mock.addFault('jwk', FAULTS[second % FAULTS.length])
  // A key is published before it signs, as rotation ought to be.
  if (second % 15 === 5) await mock.announceKey()
  if (second % 15 === 12) {
    await mock.rotateKeys()
    good.push(await mock.issueToken({ scope: SCOPE, expiresIn: 3600 }))
  }
}

async function report() {
  server.send('report')
  const [message] = await once(server, 'message')
  return message
}

async function load(duration, disturbed) {
  const end = performance.now() + duration * 1000
  let last = performance.now()
  let second = 0
  while (performance.now() < end) {
    await wait(TICK)
    const now = performance.now()
    // What could not be sent in time is not made up for: the rate that was reached is printed.
    if (inFlight.size < 2000) tick(Math.min(now - last, 50) / 1000)
    last = now
    const elapsed = Math.floor(duration - (end - now) / 1000)
    if (disturbed && elapsed > second) {
      second = elapsed
      await disturb(second)
    }
  }
  mock.clearFaults()
  await Promise.all(inFlight)
}

// Warm, so that what is compared later is not the compiler's work.
await load(Math.min(5, seconds / 4), false)
for (const name of Object.keys(seen)) seen[name] = 0
const before = await report()
server.send('begin')
const startedAt = performance.now()
await load(seconds, true)
const took = (performance.now() - startedAt) / 1000
const after = await report()

await pool.close()
server.send('close')
await once(server, 'message')
const closedAt = performance.now()
await once(server, 'exit')
const exited = performance.now() - closedAt
await mock.close()

const rate = (count) => `${Math.round(count / took)} a second`
const grown = (after.heap - before.heap) / 1024 / 1024
const rows = [
  [
    'bad tokens',
    `${seen.bad}, ${rate(seen.bad)}`,
    `${seen.badAccepted} accepted, ${seen.outside} answers outside the table`,
  ],
  ['good tokens', `${seen.good}, ${rate(seen.good)}`, `${seen.goodRefused} refused`],
  ['health', String(seen.health), `${seen.healthFailed} failed`],
  ['requests without an answer', String(seen.unanswered), ''],
  [
    'event-loop delay',
    `p99 ${after.delayP99.toFixed(1)} ms`,
    `max ${after.delayMax.toFixed(1)} ms; bar: p99 ≤ 20 ms`,
  ],
  [
    'heap in use, after collection',
    `${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB`,
    `from ${(before.heap / 1024 / 1024).toFixed(1)} MiB`,
  ],
  ['handles other than connections', `${before.resources} → ${after.resources}`, ''],
  ['process ended after its server', `${exited.toFixed(0)} ms`, 'bar: ≤ 100 ms'],
]
for (const [name, figure, more] of rows) console.log(`${name.padEnd(32)}${figure.padEnd(28)}${more}`)

const broken = [
  seen.badAccepted > 0 && 'a bad token was accepted',
  seen.outside > 0 && 'an answer is outside the table',
  seen.goodRefused > 0 && 'a good token was refused',
  (seen.healthFailed > 0 || seen.health === 0) && 'the health route failed',
  seen.unanswered > 0 && 'a request had no answer',
  grown > 8 && 'memory grows',
  after.resources > before.resources + 2 && 'handles are left over',
].filter(Boolean)
console.log(broken.length === 0 ? 'every promise was kept' : broken.join('; '))
process.exitCode = broken.length === 0 ? 0 : 1
