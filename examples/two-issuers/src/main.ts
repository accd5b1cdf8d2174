import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMaskinportenValidator } from '@portvakt/core'

// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createApp } from './app.js'
import { entraIdFromEnvironment } from './entra-id.js'
import { startPretendEntraId } from './pretend-entra-id.js'

const entraId = await startPretendEntraId()
Object.assign(process.env, entraId.env)

const app = createApp(createMaskinportenValidator(), entraIdFromEnvironment())
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vedtak`

const scope = 'portvakt:vedtak.read'
for (const [title, token] of [
  ['an organisation', await maskinporten.issueToken({ scope })],
  ['an internal application', await entraId.issueToken()],
  [
    'Maskinporten’s key, Entra ID’s issuer',
    await maskinporten.issueToken({ scope, issuer: entraId.env.AZURE_OPENID_CONFIG_ISSUER }),
  ],
  ['Entra ID’s key, Maskinporten’s issuer', await entraId.issueToken({ iss: maskinporten.issuer })],
] as const) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  console.log(title, response.status, await response.text())
}
server.close()
entraId.close()
