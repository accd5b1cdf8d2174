// Stands in for NAIS: starts a mock Maskinporten and sets its variables.
import { maskinporten } from '@portvakt/mock/setup'

// The application, as it runs in production.

import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1')
const url = await app.getUrl()
console.log(`API ${url}`)

const read = 'portvakt:vedtak.read'
const write = 'portvakt:vedtak.write'
const curl = async (title: string, method: string, scope: string, consumer: string) => {
  const token = await maskinporten.issueToken({ scope, consumer, expiresIn: 3600 })
  console.log(`\n# ${title}\ncurl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
}
console.log(`\n# 200: public\ncurl -i ${url}/health`)
console.log(`\n# 401: no token\ncurl -i ${url}/vedtak`)
await curl('200', 'GET', read, '314330897')
await curl('403: the scope is missing', 'POST', read, '314330897')
await curl('201', 'POST', write, '314330897')
await curl('403: not on the list of this route', 'POST', write, '313367002')
