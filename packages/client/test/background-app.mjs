// Requests tokens as the argument says. Exits with 3 if something keeps the process alive after that.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createMaskinportenClient } from '@portvakt/client'
import { systemClock } from '@portvakt/core'

const isRenewal = process.argv[2] === 'renewal'
let elapsed = 0
const clock = {
  ...systemClock,
  now: () => systemClock.now() + elapsed,
  elapsed: () => systemClock.elapsed() + elapsed,
}
const TOKEN = JSON.stringify({ access_token: 'opaque', token_type: 'Bearer', expires_in: 120 })
let requests = 0
const texas = createServer((request, response) => {
  if (++requests === 1 && isRenewal) return response.end(TOKEN)
  // From this request on, only the client can keep the process alive.
  texas.unref().emit('held', request.socket.unref())
  if (!isRenewal) setTimeout(() => response.end(TOKEN), 50).unref()
}).listen(0, '127.0.0.1')
const held = once(texas, 'held')
await once(texas, 'listening')

const client = createMaskinportenClient({ texas: `http://127.0.0.1:${texas.address().port}`, clock })
await client.getToken({ scope: 'nav:x.read' })
if (isRenewal) {
  elapsed += 105_000
  await client.getToken({ scope: 'nav:x.read' })
}
await held
process.stdout.write(`${requests} requests`)
setTimeout(() => process.exit(3), 2000).unref()
