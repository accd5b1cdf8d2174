import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createApp } from './app.js'

const server = createServer(getRequestListener(createApp()))
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
console.log(`API ${url}`)
for (const [method, scope] of [
  ['GET', 'portvakt:vedtak.read'],
  ['POST', 'portvakt:vedtak.write'],
] as const) {
  const token = await maskinporten.issueToken({ scope, expiresIn: 3600 })
  console.log(`curl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
}
