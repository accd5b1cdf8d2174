/**
 * Attacks a guarded API: 5,000 bad tokens a second in addition to valid traffic, while the key endpoint fails
 * at random and keys rotate.
 *
 *   pnpm soak [--seconds 60] [--bad 5000] [--bare] [--profile FOLDER]
 *
 * Requests go over sockets, and the status of every answer is checked. The run prints figures, and exits with
 * 1 if the API breaks a promise (for example, that no bad token is accepted). Promises do not depend on the
 * machine's speed. Traffic stays on this machine. `--bare` sends the same traffic to the framework without a
 * guard, which shows the machine's capacity; `--profile` writes a CPU profile of the server.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BAD_TOKENS, startMockMaskinporten } from '@portvakt/mock'
import { Connection, get, unanswered } from '../connection.mjs'
import { startProcess } from '../processes.mjs'
import { disturbances } from './disturbances.mjs'
import { pace } from './pace.mjs'
import { print } from './report.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    bad: { type: 'string', default: '5000' },
    bare: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const badPerSecond = Number(values.bad)
const GOOD_PER_SECOND = 500
const HEALTH_PER_SECOND = 10
const SCOPE = 'nav:x.read'
/** Lifetime of tokens in seconds. Some of the bad tokens would be valid after an hour. */
const LIFETIME = 3600
if (!(seconds > 0 && seconds < LIFETIME - 600)) throw new Error('--seconds must be from 1 to 2999')

const mock = await startMockMaskinporten({ scopes: [{ name: SCOPE }] })
const env = { PATH: process.env.PATH, NODE_ENV: 'production', ...mock.env }
const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), values.bare ? ['--bare'] : [], {
  env,
  execArgv: ['--expose-gc', ...profiling],
})
// Exits if the server fails. Otherwise, this process would wait for the server's messages forever.
server.once('exit', (code) => code !== 0 && process.exit(1))
const [{ port }] = await once(server, 'message')

/** Kinds of bad tokens with their statuses. While keys cannot be fetched, an unknown kid can also get 503. */
const kinds = await Promise.all(
  BAD_TOKENS.filter(({ onlyWith, name }) => onlyWith === undefined && name !== 'too-large').map(
    async ({ name, status, reason }) => {
      const waits = reason === 'unknown_key'
      const statuses = values.bare ? [401] : waits ? [status, 503] : [status]
      return { name, waits, statuses, tokens: await several(10, () => mock.badToken(name, token())) }
    },
  ),
)
kinds.push(
  unsigned('issuer-of-many-foreign-letters', { iss: `https://${foreignLetters(3800)}` }),
  unsigned('many-small-objects', { iss: 'https://elsewhere.example/', x: Array(3700).fill({}) }),
)
const good = await several(100, goodRequest)
const health = { name: 'health', bytes: get('/health') }

let seen
const forGood = await Connection.openSeveral(16, port, (status) => {
  seen.good++
  if (status !== 200) seen.goodRefused++
})
const forHealth = await Connection.openSeveral(4, port, (status, { sentAt }) => {
  seen.health++
  seen.healthSlowest = Math.max(seen.healthSlowest, performance.now() - sentAt)
  if (status !== 200) seen.healthFailed++
})
const nextForGood = turns(forGood)
const nextForHealth = turns(forHealth)

// The warm-up keeps compilation out of the figures.
const attacker = await startProcess(new URL('attacker.mjs', import.meta.url), { port, kinds })
await load(Math.min(5, seconds / 4))
const before = await reported()
server.send('begin')
const disturb = disturbances(mock, async () => good.push(await goodRequest()))
const attack = await load(seconds, disturb)
const after = await reported()

for (const connection of [...forGood, ...forHealth]) connection.close()
await attacker.stop()
server.send('close')
await once(server, 'message')
const closedAt = performance.now()
await once(server, 'exit')
const exited = performance.now() - closedAt
await mock.close()

const kept = print({ attack, seen, seconds, before, after, exited, badPerSecond, kinds: kinds.length })
process.exitCode = kept ? 0 : 1

function token() {
  return { scope: SCOPE, expiresIn: LIFETIME }
}

/**
 * Returns a kind of bad token of almost 16 KB with an unknown `kid`. The server may parse the claims, but
 * must do no other costly work on them.
 */
function unsigned(name, claims) {
  const [header, payload] = [{ alg: 'RS256', kid: 'invented' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return {
    name,
    waits: false,
    statuses: [401],
    tokens: Array(10).fill(`${header}.${payload}.${'A'.repeat(342)}`),
  }
}

/** Returns different non-ASCII letters. For a host name made of them, IDNA takes quadratic time. */
function foreignLetters(count) {
  return String.fromCodePoint(...Array.from({ length: count }, (_, index) => 0x4e00 + index))
}

function several(count, make) {
  return Promise.all(Array.from({ length: count }, make))
}

async function goodRequest() {
  return { bytes: get('/good', `Bearer ${await mock.issueToken(token())}`) }
}

async function reported() {
  server.send('report')
  const [message] = await once(server, 'message')
  return message
}

function anyOf(list) {
  return list[Math.floor(Math.random() * list.length)]
}

/** Uses connections in turn, because the server closes a connection that is idle for five seconds. */
function turns(connections) {
  let turn = 0
  return () => connections[turn++ % connections.length]
}

/** Sends all traffic, and waits for the last answer. */
async function load(duration, disturb = async () => undefined) {
  seen = { good: 0, goodRefused: 0, health: 0, healthFailed: 0, healthSlowest: 0 }
  const paces = [
    pace(GOOD_PER_SECOND, duration, (count) => {
      for (let left = count; left > 0; left--) nextForGood().send([anyOf(good)])
    }),
    pace(HEALTH_PER_SECOND, duration, (count) => {
      const request = { ...health, sentAt: performance.now() }
      for (let left = count; left > 0; left--) nextForHealth().send([request])
    }),
    pace(1, duration, disturb),
  ]
  const attack = await attacker.ask('load', { seconds: duration, perSecond: badPerSecond })
  await Promise.all(paces)
  mock.clearFaults()
  seen.unanswered = attack.unanswered + (await unanswered([...forGood, ...forHealth]))
  return attack
}
