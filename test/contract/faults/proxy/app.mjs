// An application behind a forward proxy. Prints its results as JSON. The argument selects how the application
// uses the proxy: `none`: not at all; `environment`: through Node's own proxy support; `fetch`: through
// undici's `fetch`, passed as an option; `dispatcher`: through undici's global dispatcher.
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
const request = { scope: 'nav:x.read', resource: 'https://api.maskinporten.test/' }

const report = {}
try {
  const { accessToken } = await client.getToken(request)
  const response = await client.fetch(request)('https://api.maskinporten.test/', {
    method: 'POST',
    body: 'hei',
  })
  report.api = await response.text()
  report.consumer = (await validator.verify(accessToken, request.scope)).consumer.organisationNumber
} catch (error) {
  report.client = { code: error.code, fix: error.hint?.fix }
}
await validator.ready().catch(() => undefined)
report.upstreamFailure = validator.health().lastFailure?.reason
process.stdout.write(JSON.stringify(report))
await agent?.close()
