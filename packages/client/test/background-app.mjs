// Runs only the background work that the argument names. Exits with 3 if that work keeps the process alive.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createMaskinportenClient } from '@portvakt/client'
import { systemClock } from '@portvakt/core'

const issuer = 'https://issuer.example/'
const scope = 'nav:x.read'
let elapsed = 0
const clock = {
  ...systemClock,
  now: () => systemClock.now() + elapsed,
  elapsed: () => systemClock.elapsed() + elapsed,
}
const answers = []
let requests = 0

/** Returns the listed answers in order, then hangs. */
async function fetch() {
  requests++
  const answer = answers.shift()
  return answer ? answer() : new Promise(() => undefined)
}
const TOKEN = JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', expires_in: 120 })
const issued = () => new Response(TOKEN)
/** The timer does not keep the process alive, so only the client's own timers can. */
const issuedLater = () => new Promise((resolve) => setTimeout(() => resolve(issued()), 50).unref())

const newClient = () =>
  createMaskinportenClient({
    issuer,
    tokenEndpoint: `${issuer}token`,
    clientId: 'a-client',
    key: { sign: () => new Uint8Array(256), keyId: 'kid' },
    fetch,
    clock,
  })

/** Begins a background renewal, which hangs. */
async function renew(client) {
  answers.push(issued)
  await client.getToken({ scope })
  elapsed += 105_000
  await client.getToken({ scope })
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const work = {
  renewal: () => renew(newClient()),
  async texas() {
    const texas = createServer((request, response) => {
      if (++requests === 1) return response.end(TOKEN)
      // From the second request on, which is never answered, only the client could keep the process alive.
      texas.unref().emit('renewal', request.socket.unref())
    }).listen(0, '127.0.0.1')
    const renewal = once(texas, 'renewal')
    await once(texas, 'listening')
    await renew(createMaskinportenClient({ texas: `http://127.0.0.1:${texas.address().port}`, clock }))
    await renewal
  },
  async awaited() {
    answers.push(issuedLater)
    await newClient().getToken({ scope })
  },
}

await work[process.argv[2]]()
process.stdout.write(`${requests} requests`)
setTimeout(() => process.exit(3), 2000).unref()
