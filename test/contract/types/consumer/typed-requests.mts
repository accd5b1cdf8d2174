// Guards and `getMaskinportenToken` accept requests, contexts and states of the application's own types.

import type { IncomingMessage } from 'node:http'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaFetch from '@portvakt/fetch'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import * as viaNest from '@portvakt/nestjs'
import connect from 'connect'
import express from 'express'
import fastify, { type FastifyRequest } from 'fastify'
import { type Context, Hono } from 'hono'
import Koa from 'koa'

/** Compiles only if both types are the same. `any` equals only `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_same: Same<A, B>) => undefined

interface Params {
  id: string
}

// Express
const app = express()
const guard = viaExpress.requireMaskinportenScope('nav:x.read')
const tokenOf = (request: express.Request<Params>) => viaExpress.getMaskinportenToken(request)
app.use(guard)
app.use('/vedtak', guard, express.Router().use(guard))
app.get<Params>('/vedtak/:id', guard, (request, response) => {
  same<typeof request.params, Params>(true)
  response.json(tokenOf(request).consumer)
})
app.get('/vedtak/:id', guard, (request) => {
  same<typeof request.params.id, string>(true)
  // @ts-expect-error the route has no such parameter
  request.params.other
  same<typeof request.maskinporten, viaExpress.VerifiedToken | undefined>(true)
})
app.post<Params, { ok: boolean }, { name: string }>('/vedtak/:id', guard, (request, response) => {
  same<typeof request.body, { name: string }>(true)
  response.json({ ok: true })
})
viaExpress.requireMaskinportenScope({
  scope: 'nav:x.read',
  pid: (request: express.Request<Params>) => request.params.id,
})
viaExpress.requireMaskinportenScope((request) => {
  same<typeof request, express.Request>(true)
  return 'nav:x.read'
})
connect().use(guard)
export const onNode = (request: IncomingMessage) => viaExpress.getMaskinportenToken(request)

// Koa
interface State {
  user: string
}
interface Custom {
  log: (line: string) => void
}
const typed = new Koa<State, Custom>()
typed.use(viaKoa.requireMaskinportenScope('nav:x.read'))
typed.use((context) => {
  same<typeof context.state.user, string>(true)
  context.log(String(viaKoa.getMaskinportenToken(context).consumer.organisationNumber))
})
viaKoa.requireMaskinportenScope((context) => {
  same<typeof context, Koa.Context>(true)
  return 'nav:x.read'
})
viaKoa.requireMaskinportenScope({
  scope: 'nav:x.read',
  pid: (context: Koa.ParameterizedContext<State, Custom>) => context.state.user,
})

// Fastify
interface Route {
  Params: Params
}
fastify().get<Route>(
  '/vedtak/:id',
  { onRequest: viaFastify.requireMaskinportenScope('nav:x.read') },
  async (request) => {
    same<typeof request.params, Params>(true)
    return viaFastify.getMaskinportenToken(request).consumer
  },
)
viaFastify.requireMaskinportenScope({
  scope: 'nav:x.read',
  pid: (request: FastifyRequest<Route>) => request.params.id,
})

// fetch: Next.js passes a subclass of Request, and the route's parameters
interface NextRequest extends Request {
  readonly nextUrl: URL
}
const wrap = viaFetch.requireMaskinportenScope('nav:x.read')
export const GET = wrap(
  async (request: NextRequest, token, { params }: { params: Promise<Params> }) =>
    new Response(`${request.nextUrl} ${token.issuer} ${(await params).id}`),
)
same<Parameters<typeof GET>[0], NextRequest>(true)
export const POST = wrap((request) => {
  same<typeof request, Request>(true)
  return new Response(viaFetch.getMaskinportenToken(request).issuer)
})
export const PUT = viaFetch.requireMaskinportenScope({
  scope: 'nav:x.read',
  pid: (request: NextRequest) => request.nextUrl.searchParams.get('pid') ?? undefined,
})((request) => new Response(request.nextUrl.href))
// @ts-expect-error the rule reads a member that a plain request lacks
PUT(new Request('https://api.example.no'))

// Hono
type Env = { Bindings: { KV: string }; Variables: { user: string } }
new Hono<Env>().get('/vedtak/:id', viaHono.requireMaskinportenScope('nav:x.read'), (c) => {
  same<typeof c.env.KV, string>(true)
  const id: string = c.req.param('id')
  return c.json({ id, consumer: viaHono.getMaskinportenToken(c).consumer })
})
viaHono.requireMaskinportenScope({ scope: 'nav:x.read', pid: (c: Context<Env>) => c.get('user') })

// NestJS
export const onNest = (request: express.Request<Params>) => viaNest.getMaskinportenToken(request)
viaNest.RequireMaskinportenScope((request: express.Request<Params>) => `nav:x.${request.params.id}`)
