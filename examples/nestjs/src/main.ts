import { NestFactory } from '@nestjs/core'
// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { AppModule } from './app.module.js'

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1')
const url = await app.getUrl()
console.log(`API ${url}`)
for (const [method, scope] of [
  ['GET', 'portvakt:vedtak.read'],
  ['POST', 'portvakt:vedtak.write'],
] as const) {
  const token = await maskinporten.issueToken({ scope, expiresIn: 3600 })
  console.log(`curl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
}
