import { EventEmitter } from 'node:events'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaKoa from '@portvakt/koa'
import { MaskinportenGuard, MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import type Koa from 'koa'
import { createMocks, createResponse, type RequestOptions } from 'node-mocks-http'
import { expect, it, test } from 'vitest'
import { headersWith, READ, validator } from '../adapter-world.js'

const { authorization: good } = await headersWith()

/** `'next'` if the guard called `next`, or the status with which it responded. */
type Outcome = 'next' | number

test.each<[string, RequestOptions, Outcome]>([
  ['a valid token', { headers: { authorization: good } }, 'next'],
  ['a header name in another case', { headers: { Authorization: good } }, 'next'],
  ['no header', {}, 401],
  ['two tokens', { headers: { authorization: [good, good] as unknown as string } }, 400],
])(
  'the Express guard treats a node-mocks-http request with %s like a real request',
  async (_title, options, outcome) => {
    const guard = viaExpress.requireMaskinportenScope(READ, { validator })
    const { req, res } = createMocks(options, { eventEmitter: EventEmitter })
    const answered = new Promise((resolve) => {
      res.on('end', () => resolve(res.statusCode))
      guard(req, res, (error) => resolve(error ?? 'next'))
    })
    expect(await answered).toBe(outcome)
  },
)

/** Runs a guard on a handmade request and response, which have only the members that the guard uses. */
type Ask = (headers: object) => Promise<Outcome>

const askExpress: Ask = (headers) =>
  new Promise((resolve) => {
    const response = {
      statusCode: 200,
      setHeader: () => undefined,
      removeHeader: () => undefined,
      end: () => resolve(response.statusCode),
    }
    const guard = viaExpress.requireMaskinportenScope(READ, { validator })
    guard({ headers } as never, response as never, () => resolve('next'))
  })

const askKoa: Ask = async (headers) => {
  let outcome: Outcome | undefined
  const [set, remove] = [() => undefined, () => undefined]
  const context = { req: { headers }, res: {}, state: {}, status: 404, set, remove }
  const guard = viaKoa.requireMaskinportenScope(READ, { validator })
  await guard(context as unknown as Koa.Context, async () => {
    outcome = 'next'
  })
  return outcome ?? context.status
}

const askFastify: Ask = async (headers) => {
  let outcome: Outcome = 'next'
  const reply = {
    raw: { removeHeader: () => undefined },
    sent: false,
    code: (status: number) => {
      outcome = status
    },
    headers: () => undefined,
    removeHeader: () => undefined,
    send: () => undefined,
    hijack: () => undefined,
  }
  const guard = viaFastify.requireMaskinportenScope(READ, { validator })
  await guard({ raw: { headers }, server: {} }, reply as never)
  return outcome
}

test.each([
  ['Express', askExpress],
  ['Koa', askKoa],
  ['Fastify', askFastify],
])('the %s guard decides on a plain object in place of a request', async (_framework, ask) => {
  expect(await ask({ authorization: good })).toBe('next')
  expect(await ask({})).toBe(401)
})

it('the NestJS guard can decide on a plain object in place of a request', async () => {
  class VedtakController {
    @RequireMaskinportenScope(READ)
    find() {}
  }
  const testing = Test.createTestingModule({ imports: [MaskinportenModule.forRoot({ validator })] })
  const guard = (await testing.compile()).get(MaskinportenGuard)
  const ask = (headers: object) => {
    const http = [{ headers }, createResponse()]
    return guard.canActivate(
      new ExecutionContextHost(http, VedtakController, VedtakController.prototype.find),
    )
  }
  expect(await ask({ authorization: good })).toBe(true)
  expect(await ask({ authorization: [good] })).toBe(true)
  await expect(ask({})).rejects.toMatchObject({ denial: { status: 401, reason: 'no_credentials' } })
  await expect(ask({ authorization: [good, good] })).rejects.toMatchObject({ denial: { status: 400 } })
})
