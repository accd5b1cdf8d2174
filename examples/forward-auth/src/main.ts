import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMaskinportenValidator } from '@portvakt/core'

// Starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createForwardAuth } from './forward-auth.js'

// In this example's configurations, proxies wait 5 seconds for an answer. Wait less than that for keys.
const validator = createMaskinportenValidator({ keys: { timeout: 4 } })
const auth = createForwardAuth({ '/auth': 'portvakt:vedtak.read' }, validator)
auth.listen(Number(process.env['AUTH_PORT'] ?? 9100), '127.0.0.1')

// The service behind the proxy, in any language.
const service = createServer(({ headers }, response) => {
  response.end(`${headers['x-maskinporten-consumer']} calls with ${headers['x-maskinporten-scopes']}\n`)
})
service.listen(Number(process.env['SERVICE_PORT'] ?? 9101), '127.0.0.1')
await Promise.all([once(auth, 'listening'), once(service, 'listening')])

const token = await maskinporten.issueToken({ scope: 'portvakt:vedtak.read', expiresIn: 3600 })
console.log(`auth server http://127.0.0.1:${(auth.address() as AddressInfo).port}/auth`)
console.log('nginx -p . -c nginx.conf, then:')
console.log(`curl -i -H 'Authorization: Bearer ${token}' http://127.0.0.1:9102/`)
