import type { RequestListener } from 'node:http'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaFetch from '@portvakt/fetch'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import * as viaNest from '@portvakt/nestjs'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'
import { describe, expect, it, test } from 'vitest'
import { send, serve } from './host.js'

// JavaScript callers do not have the types that reject these calls.
type Untyped = (...given: unknown[]) => never

/** The text of the error that reached the framework. */
async function errorOver(listener: RequestListener, errors: unknown[]): Promise<string> {
  const running = await serve(listener)
  expect((await send(running.port, 'GET', '/')).status).toBe(500)
  await running.close()
  return String(errors[0])
}

function onExpress(create: typeof express): Promise<string> {
  const errors: unknown[] = []
  const app = create()
  app.use(viaExpress.requireMaskinportenScope as Untyped)
  app.use(((error, _request, response, _next) => {
    errors.push(error)
    response.status(500).end()
  }) satisfies express.ErrorRequestHandler)
  return errorOver(app, errors)
}

function onConnect(): Promise<string> {
  const errors: unknown[] = []
  const app = connect().use(viaExpress.requireMaskinportenScope as Untyped)
  app.use(((error, _request, response, _next) => {
    errors.push(error)
    response.statusCode = 500
    response.end()
  }) satisfies connect.ErrorHandleFunction)
  return errorOver(app, errors)
}

function onKoa(app: Koa): Promise<string> {
  const errors: unknown[] = []
  app.use(viaKoa.requireMaskinportenScope as Untyped).on('error', (error) => errors.push(error))
  return errorOver(app.callback(), errors)
}

async function onFastify(): Promise<string> {
  const app = fastify()
  app.get('/', { onRequest: viaFastify.requireMaskinportenScope as Untyped }, async () => 'hello')
  return Promise.resolve(app.ready()).then(() => 'started', String)
}

async function onHono(): Promise<string> {
  const errors: unknown[] = []
  const app = new Hono().use(viaHono.requireMaskinportenScope as Untyped).onError((error, c) => {
    errors.push(error)
    return c.text('', 500)
  })
  await app.request('/')
  return String(errors[0])
}

async function onFetch(): Promise<string> {
  const GET = viaFetch.requireMaskinportenScope as Untyped
  try {
    return await GET(new Request('https://api.example.no'), { params: {} })
  } catch (error) {
    return String(error)
  }
}

test.each<[string, () => Promise<string>]>([
  ['Express 5', () => onExpress(express)],
  ['Express 4', () => onExpress(express4)],
  ['connect', onConnect],
  ['Koa 3', () => onKoa(new Koa())],
  ['Koa 2', () => onKoa(new Koa2())],
  ['Fastify', onFastify],
  ['Hono', onHono],
  ['fetch', onFetch],
])('requireMaskinportenScope passed without a call names the mistake on %s', async (_name, error) => {
  expect(await error()).toMatch(/^TypeError: .*call it: requireMaskinportenScope\(…\)$/)
})

it('a fetch guard without a handler throws', () => {
  const wrap = viaFetch.requireMaskinportenScope('nav:x.read', { validator: anyValidator() }) as Untyped
  expect(() => wrap(new Request('https://api.example.no'))).toThrow(
    'Pass the handler too: requireMaskinportenScope(requirement)(handler)',
  )
})

const anyValidator = () => viaFetch.createMaskinportenValidator({ environment: 'test' })

describe('a decorator without a call', () => {
  test.each<[string, unknown]>([
    ['@RequireMaskinportenScope(…)', viaNest.RequireMaskinportenScope],
    ['@SkipMaskinporten()', viaNest.SkipMaskinporten],
    ['@MaskinportenToken()', viaNest.MaskinportenToken],
  ])('%s without its call throws when the class is defined', (call, decorator) => {
    class VedtakController {
      static all() {}
      find() {}
    }
    const decorate = decorator as Untyped
    const method = Object.getOwnPropertyDescriptor(VedtakController.prototype, 'find')
    for (const target of [[VedtakController], [VedtakController.prototype, 'find', method]]) {
      expect(() => decorate(...target)).toThrow(`call it: ${call}`)
    }
    expect(() => decorate(VedtakController.prototype, 'find', 0)).toThrow(`call it: ${call}`)
    expect(() => decorate(VedtakController, 'all', method)).toThrow(`call it: ${call}`)
  })
})
