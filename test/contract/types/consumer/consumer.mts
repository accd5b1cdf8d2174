import { createMaskinportenValidator, type VerifiedToken } from '@portvakt/core'
import { secureOperation } from '@portvakt/core/openapi'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import { requireMaskinportenScope as onFastify, maskinporten as plugin } from '@portvakt/fastify'
import { addMaskinportenSecurity, openApiRoutes } from '@portvakt/fastify/openapi'
import { requireMaskinportenScope as wrap } from '@portvakt/fetch'
import { requireMaskinportenScope as onHono } from '@portvakt/hono'
import { requireMaskinportenScope as onKoa } from '@portvakt/koa'
import { createMockMaskinporten } from '@portvakt/mock'
import { maskinporten } from '@portvakt/mock/setup'
import { MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import type { addMaskinportenSecurity as onNest } from '@portvakt/nestjs/openapi'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

const validator = createMaskinportenValidator({ environment: 'test' })
const app = express()
app.use(requireMaskinportenScope('nav:a', { validator }))
app.get('/', (request, response) => {
  const token: VerifiedToken | undefined = request.maskinporten
  response.json({ same: token === getMaskinportenToken(request) })
})
new Hono().use(onHono('nav:a')).get('/', (context) => context.text(context.get('maskinporten').issuer))
new Koa().use(onKoa('nav:a')).use((context) => {
  context.body = context.state.maskinporten?.issuer
})
export const GET = wrap('nav:a')((_request, token) => Response.json(token))
export const mock = [await createMockMaskinporten(), maskinporten]

const server = fastify()
await server.register(openApiRoutes)
await server.register(plugin, { validator, defaultDeny: true })
server.get(
  '/',
  { onRequest: onFastify('nav:a'), config: { maskinporten: 'public' } },
  async (request) => request.maskinporten,
)
export const nest = [MaskinportenModule.forRoot({ validator }), RequireMaskinportenScope('nav:a')]

const document = { openapi: '3.1.0', paths: { '/': { get: { responses: {} } } } }
export const documents: (typeof document)[] = [
  secureOperation(document, 'get', '/', 'nav:a'),
  addMaskinportenSecurity(document, server),
]
export type Documented = ReturnType<typeof onNest<typeof document>>
