// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createApp } from './app.js'

const app = await createApp()
const url = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
console.log(`API ${url}`)
for (const [method, scope] of [
  ['GET', 'portvakt:vedtak.read'],
  ['POST', 'portvakt:vedtak.write'],
] as const) {
  const token = await maskinporten.issueToken({ scope, expiresIn: 3600 })
  console.log(`curl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
}
