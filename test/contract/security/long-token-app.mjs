// Sends a token longer than Node's default header limit to a server with the highest `maxTokenLength`.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten } from '@portvakt/mock'

const READ = 'nav:x.read'
const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({
  issuer: mock.issuer,
  fetch: mock.fetch,
  maxTokenLength: 65_536,
})
const token = await mock.issueToken({ scope: READ, claims: { filling: 'x'.repeat(20_000) } })
const server = createServer((request, response) => {
  validator.decide(request.headers.authorization, READ).then((decision) => {
    response.writeHead(decision.allowed ? 200 : decision.denial.status).end()
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { status } = await fetch(`http://127.0.0.1:${server.address().port}/`, {
  headers: { authorization: `Bearer ${token}`, connection: 'close' },
})
server.close()
process.stdout.write(String(status))
