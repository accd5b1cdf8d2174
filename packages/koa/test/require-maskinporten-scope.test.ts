import { type AccessRequirement, getMaskinportenToken, requireMaskinportenScope } from '@portvakt/koa'
import Koa from 'koa'
import supertest from 'supertest'
import { beforeEach, expect, it } from 'vitest'
import { headersWith, READ, validator } from '../../../test/contract/adapter-world.js'

const headers = await headersWith({ consumer: '889640782' })

let handled: number
let failures: unknown[]
beforeEach(() => {
  handled = 0
  failures = []
})

const handler: Koa.Middleware = () => {
  handled++
}

/** Returns an application with a guard between the middleware `earlier` and `later`. */
function app(earlier: Koa.Middleware, requirement: AccessRequirement<Koa.Context> = READ, later = handler) {
  const koa = new Koa().on('error', (error) => failures.push(error))
  koa.use(earlier).use(requireMaskinportenScope(requirement, { validator })).use(later)
  return koa.callback()
}
const get = (callback: ReturnType<typeof app>) => supertest(callback).get('/').set(headers)

/** Returns a middleware that calls `act`, and then the next middleware. */
const first =
  (act: (context: Koa.Context) => void): Koa.Middleware =>
  (context, next) => {
    act(context)
    return next()
  }

it('the Koa guard adds only `maskinporten` to the state', async () => {
  const keysOf = (context: Koa.Context) =>
    [context, context.req, context.request].map((object) => Reflect.ownKeys(object))
  let before: PropertyKey[][] = []
  const recording = first((context) => {
    before = keysOf(context)
  })
  const callback = app(recording, READ, (context) => {
    expect(keysOf(context)).toEqual(before)
    expect(Reflect.ownKeys(context.state)).toEqual(['maskinporten'])
    expect(getMaskinportenToken(context)).toBe(context.state.maskinporten)
    context.body = getMaskinportenToken(context).consumer.organisationNumber
  })
  await get(callback).expect(200, '889640782')
})

it('a requirement that is a function receives the context of Koa', async () => {
  const requirement = ({ path }: Koa.Context) => (path === '/' ? READ : 'nav:other')
  const callback = app((_context, next) => next(), requirement)
  await get(callback).expect(404)
  expect(handled).toBe(1)
})

const throwing = () => Promise.reject(Object.assign(new Error('teapot'), { status: 418, expose: true }))
it.each<[string, AccessRequirement<Koa.Context>, Koa.Middleware]>([
  ['`authorize`', { scope: READ, authorize: throwing }, handler],
  ['a later middleware', READ, throwing],
])('an error thrown by %s reaches Koa unchanged', async (_title, requirement, later) => {
  await get(app((_context, next) => next(), requirement, later)).expect(418, 'teapot')
})

const own = new Error('database')
it.each<[string, () => Promise<boolean>, readonly unknown[]]>([
  ['a refusal ends the connection', async () => false, []],
  ['an error of `authorize` ends the connection and reaches Koa', () => Promise.reject(own), [own]],
])('if the response has started, %s', async (_title, authorize, errors) => {
  const begin = first(({ res }) => res.writeHead(200).write('begun, '))
  await expect(get(app(begin, { scope: READ, authorize }))).rejects.toThrow(/aborted|ECONNRESET/)
  expect([failures, handled]).toEqual([errors, 0])
})

it('the Koa guard writes its refusal itself if `respond` is false', async () => {
  const disableRespond = first((context) => {
    context.respond = false
  })
  const { status, headers, text } = await supertest(app(disableRespond)).get('/')
  expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="maskinporten"'])
  expect([JSON.parse(text).reason, handled]).toEqual(['no_credentials', 0])
})

it('a refusal by the Koa guard replaces or removes headers of earlier middleware that describe another body', async () => {
  const described = { 'content-length': '3', 'content-encoding': 'gzip', 'content-type': 'text/html' }
  const { status, headers, text } = await supertest(app(first((context) => context.set(described)))).get('/')
  expect([status, JSON.parse(text).reason]).toEqual([401, 'no_credentials'])
  expect(headers).toMatchObject({
    'content-length': String(text.length),
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  })
  expect(headers).not.toHaveProperty('content-encoding')
})

it('creating the Koa guard throws for an invalid scope', () => {
  expect(() => requireMaskinportenScope('afp.read', { validator })).toThrow(/nais\.yaml/)
})

it('getMaskinportenToken for Koa throws if no guard ran', () => {
  const message = /No Maskinporten guard ran.*requireMaskinportenScope/
  expect(() => getMaskinportenToken({ state: {} })).toThrow(message)
})
