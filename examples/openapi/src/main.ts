import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
// This import starts a mock Maskinporten and sets the variables that NAIS would set.
import { maskinporten } from '@portvakt/mock/setup'
import { createExpressApp } from './express.js'
import { createFastifyApp } from './fastify.js'
import { createHonoApp } from './hono.js'
import { createKoaApp } from './koa.js'
import { createNestApp } from './nestjs.js'

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const here = { host: '127.0.0.1', port: 0 }
const fastify = await createFastifyApp()
const nestjs = await createNestApp()
await nestjs.listen(0, here.host)
for (const [name, url] of [
  ['Express', await urlOf(createExpressApp().listen(0, here.host))],
  ['Koa', await urlOf(createKoaApp().listen(here))],
  ['Hono', await urlOf(createAdaptorServer({ fetch: createHonoApp().fetch }).listen(here) as Server)],
  ['Fastify', await fastify.listen(here)],
  ['NestJS', await nestjs.getUrl()],
] as const) {
  console.log(`${name} ${url}/openapi.json`)
}
const token = await maskinporten.issueToken({ scope: 'portvakt:vedtak.read', expiresIn: 3600 })
console.log(`Authorization: Bearer ${token}`)
