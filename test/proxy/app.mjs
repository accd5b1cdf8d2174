// An application behind a forward proxy, on its own: prints what it got, as JSON. Which way it finds the
// proxy is the argument: `none`, `environment` (Node's own), `fetch` (undici's, as an option) or `dispatcher`.
import { createMaskinportenClient } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import { EnvHttpProxyAgent, setGlobalDispatcher, fetch as undiciFetch } from 'undici'

const way = process.argv[2]
const agent = way === 'fetch' || way === 'dispatcher' ? new EnvHttpProxyAgent() : undefined
if (way === 'dispatcher') setGlobalDispatcher(agent)
const options =
  way === 'fetch' ? { fetch: (input, init) => undiciFetch(input, { ...init, dispatcher: agent }) } : {}

const client = createMaskinportenClient(options)
const validator = createMaskinportenValidator({ ...options, audience: 'https://api.maskinporten.test/' })
const grant = { scope: 'nav:x.read', resource: 'https://api.maskinporten.test/' }

const report = {}
try {
  const { accessToken } = await client.getToken(grant)
  const response = await client.fetch(grant)('https://api.maskinporten.test/', {
    method: 'POST',
    body: 'hei',
  })
  report.api = await response.text()
  report.consumer = (await validator.verify(accessToken, grant.scope)).consumer.organisationNumber
} catch (error) {
  report.client = { code: error.code, hint: error.hint }
}
await validator.ready().catch(() => undefined)
report.upstreamFailure = validator.health().lastFailure?.reason
process.stdout.write(JSON.stringify(report))
await agent?.close()
