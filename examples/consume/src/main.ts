import { parseArgs } from 'node:util'

// This import starts a mock of Maskinporten and Texas, and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { serveApi } from './api.js'
import { createConsumer } from './consumer.js'

const { values } = parseArgs({ options: { texas: { type: 'boolean', default: false } } })
if (values.texas) {
  // An application that gets its tokens from Texas has no key.
  delete process.env['MASKINPORTEN_CLIENT_ID']
  delete process.env['MASKINPORTEN_CLIENT_JWK']
}

const api = await serveApi()
const consumer = createConsumer(api.url)
for (let call = 1; call <= 3; call++) console.log(`call ${call}`, JSON.stringify(await consumer.vedtak()))
console.log(`${values.texas ? 'Texas' : 'JWT grant'}: ${maskinporten.requests.token} token request`)
api.server.close()
