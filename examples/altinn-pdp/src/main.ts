import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMaskinportenClient, systemUser } from '@portvakt/client'

// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createApp } from './app.js'
import { createPdp } from './pdp.js'
import { createPretendPdp } from './pretend-pdp.js'

const [VENDOR, CUSTOMER, OTHER] = ['991825827', '314168267', '889640782']
const RESOURCE = 'portvakt-regnskap'
const keysAt = `${maskinporten.issuer}authentication/api/v1/openid/.well-known/openid-configuration/jwks`
const altinn = createPretendPdp(RESOURCE, 'a-key', await (await fetch(keysAt)).json(), fetch)

// The API, which calls the PDP with its own client. In production, omit `fetch`, and use Altinn's platform.
maskinporten.addScope({ name: 'altinn:authorization/authorize' })
Object.assign(process.env, maskinporten.env)
const pdp = createPdp({
  client: createMaskinportenClient({ fetch: altinn.fetch }),
  platform: maskinporten.issuer,
  subscriptionKey: 'a-key',
  resource: RESOURCE,
})
const server = createApp(pdp).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/regnskap`

// The vendor's system, with a system user of one customer.
maskinporten.addScope({ name: 'portvakt:regnskap.read' })
maskinporten.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, id: 'ebe4a681-0000-4000-8000-000000000000' })
altinn.rights.push({
  systemUser: 'ebe4a681-0000-4000-8000-000000000000',
  action: 'read',
  organisationNumber: CUSTOMER,
})
const vendor = await maskinporten.addClient({
  organisationNumber: VENDOR,
  scopes: ['portvakt:regnskap.read'],
})
const call = createMaskinportenClient({
  issuer: maskinporten.issuer,
  clientId: vendor.clientId,
  key: { jwk: vendor.jwk ?? {} },
}).fetch({ scope: 'portvakt:regnskap.read', authorizationDetails: [systemUser(CUSTOMER)] })

for (const organisationNumber of [CUSTOMER, OTHER]) {
  const response = await call(`${url}/${organisationNumber}`)
  console.log(organisationNumber, response.status, await response.text())
}
server.close()
