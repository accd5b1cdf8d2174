// An application that asks Texas, on its own: prints what it got, as JSON, and then ends by itself. The argument
// `dispatcher` gives its whole process undici's agent for the proxy of the environment.
import { createTexasValidator } from '@portvakt/core'
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici'

if (process.argv[2] === 'dispatcher') setGlobalDispatcher(new EnvHttpProxyAgent())

const validator = createTexasValidator()
const decisions = []
for (let times = 0; times < 3; times++) {
  const { allowed, denial } = await validator.decide(`Bearer ${process.env.TOKEN}`, 'nav:x.read')
  decisions.push(allowed ? 'allowed' : denial.reason)
}
await validator.ready()
const { usable } = validator.health()
// By the proxy, if there is one that is used.
const other = await fetch(process.env.OTHER_URL).then(
  (response) => response.text(),
  () => 'failed',
)
process.stdout.write(JSON.stringify({ decisions, usable, other }))
