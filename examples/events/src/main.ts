import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createApp } from './app.js'
import { createWatchedValidator } from './watched-validator.js'

const registry = new Registry()
const validator = createWatchedValidator(pino(), registry)
const server = createApp(validator, registry).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
for (const options of [
  { scope: 'portvakt:vedtak.read' },
  { scope: 'portvakt:other' },
  { scope: 'portvakt:vedtak.read', issuer: 'https://test.maskinporten.no/' },
]) {
  const authorization = `Bearer ${await maskinporten.issueToken(options)}`
  await fetch(`${url}/vedtak`, { headers: { authorization } })
}
console.log(await (await fetch(`${url}/metrics`)).text())
server.close()
