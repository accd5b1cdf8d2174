// Sends bad tokens from its own process.
import { Connection, get, unanswered, waitingOn } from '../connection.mjs'
import { answerWith } from '../processes.mjs'
import { pace } from './pace.mjs'

const CONNECTIONS = 32
/** Maximum number of requests that wait for an answer. If this many requests wait, the server is too slow. */
const MOST_WAITING = 4000

let prompt
let patient
let requests
let seen

function judge(status, { name, statuses }) {
  seen.answered++
  seen.statuses[status] = (seen.statuses[status] ?? 0) + 1
  if (status === 200) seen.accepted++
  if (!statuses.includes(status)) seen.wrong.push(`${name}: ${status}`)
}

/**
 * Answers on a connection come in the order of requests. Requests that can wait for a fetch of keys have
 * their own connections, so that they do not delay others.
 */
async function open({ port, kinds }) {
  prompt = await Connection.openSeveral(CONNECTIONS, port, judge)
  patient = await Connection.openSeveral(CONNECTIONS, port, judge)
  requests = kinds.flatMap(({ name, statuses, waits, tokens }) =>
    tokens.map((token) => ({ name, statuses, waits, bytes: get('/bad', `Bearer ${token}`) })),
  )
}

let turn = 0
function send(count) {
  if (waitingOn(all()) + count > MOST_WAITING) return
  const chosen = Array.from({ length: count }, () => requests[Math.floor(Math.random() * requests.length)])
  turn = (turn + 1) % CONNECTIONS
  for (const [connections, waits] of [
    [prompt, false],
    [patient, true],
  ]) {
    const batch = chosen.filter((request) => request.waits === waits)
    if (batch.length > 0) connections[turn].send(batch)
  }
}

const all = () => [...prompt, ...patient]

async function load({ seconds, perSecond }) {
  seen = { answered: 0, accepted: 0, wrong: [], statuses: {} }
  const startedAt = performance.now()
  const usedBefore = process.cpuUsage()
  await pace(perSecond, seconds, send)
  const took = (performance.now() - startedAt) / 1000
  const rate = seen.answered / took
  const { user, system } = process.cpuUsage(usedBefore)
  const left = await unanswered(all())
  return { ...seen, rate, unanswered: left, cpu: user + system }
}

answerWith({ open, load })
