// An application that uses Texas. Prints its results as JSON and ends by itself. With the argument
// `dispatcher`, the global dispatcher is undici's agent, which uses the proxy in the environment variables.
import { createMaskinportenClient } from '@portvakt/client'
import { createTexasValidator, systemClock } from '@portvakt/core'
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici'

if (process.argv[2] === 'dispatcher') setGlobalDispatcher(new EnvHttpProxyAgent())

let ahead = 0
const validator = createTexasValidator({
  issuer: process.env.MASKINPORTEN_ISSUER,
  // The keys are configured, because fetching them would also use the proxy.
  jwks: JSON.parse(process.env.JWKS),
  clock: { ...systemClock, elapsed: () => systemClock.elapsed() + ahead },
})
const decisions = []
for (let times = 0; times < 3; times++) {
  const { allowed, denial } = await validator.decide(`Bearer ${process.env.TOKEN}`, 'nav:x.read')
  decisions.push(allowed ? 'allowed' : denial.reason)
}
// The first probe of Texas is a POST request, the second probe is a GET request.
await validator.ready()
ahead = 5000
await validator.ready()
const { usable } = validator.health()
const token = await createMaskinportenClient({ texas: true })
  .getToken({ scope: 'nav:x.read' })
  .then(
    ({ scope }) => scope,
    ({ code }) => code,
  )
// This request to another host succeeds only if it goes through the proxy.
const other = await fetch(process.env.OTHER_URL).then(
  (response) => response.text(),
  () => 'failed',
)
process.stdout.write(JSON.stringify({ decisions, usable, token, other }))
