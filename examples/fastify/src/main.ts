// First: it starts a mock Maskinporten and sets the variables, as NAIS would before the app starts.
import { maskinporten } from '@portvakt/mock/setup'
import { createApp } from './app.js'

const app = await createApp()
const url = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
console.log(`API ${url}`)

const lines: readonly [title: string, method: string, scope: string][] = [
  ['who may read', 'GET', 'portvakt:vedtak.read'],
  ['who may write', 'POST', 'portvakt:vedtak.write'],
  ['403: the scope is missing', 'POST', 'portvakt:vedtak.read'],
]
console.log(`\n# public\ncurl -i ${url}/health\n\n# 401: no token\ncurl -i ${url}/vedtak`)
for (const [title, method, scope] of lines) {
  const token = await maskinporten.issueToken({ scope, consumer: '314330897', expiresIn: 3600 })
  console.log(`\n# ${title}\ncurl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
}
