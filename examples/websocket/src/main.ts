import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMaskinportenValidator } from '@portvakt/express'

// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { WebSocket } from 'ws'
import { createApp } from './app.js'

const server = createApp(createMaskinportenValidator()).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

for (const [title, authorization] of [
  ['no token', undefined],
  ['another scope', `Bearer ${await maskinporten.issueToken({ scope: 'portvakt:vedtak.write' })}`],
  ['the scope', `Bearer ${await maskinporten.issueToken({ scope: 'portvakt:vedtak.read' })}`],
] as const) {
  console.log(`${title}: ${await connect(authorization)}`)
}
server.close()

/** Returns the first message, or the refusal. */
function connect(authorization: string | undefined): Promise<string> {
  const webSocket = new WebSocket(url, authorization === undefined ? {} : { headers: { authorization } })
  return new Promise((resolve) => {
    webSocket.on('error', (error) => resolve(error.message))
    webSocket.on('message', (data) => {
      resolve(data.toString())
      webSocket.close()
    })
  })
}
