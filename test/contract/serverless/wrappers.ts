import { configure as serverlessExpress } from '@codegenie/serverless-express'
import awsLambdaFastify from '@fastify/aws-lambda'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import type { MaskinportenValidator, VerifiedToken } from '@portvakt/core'
import * as viaExpress from '@portvakt/express'
import * as viaFastify from '@portvakt/fastify'
import * as viaHono from '@portvakt/hono'
import * as viaKoa from '@portvakt/koa'
import { MaskinportenModule, MaskinportenToken, RequireMaskinportenScope } from '@portvakt/nestjs'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import Koa from 'koa'
import Koa2 from 'koa2'
import serverless4 from 'serverless-http'
import serverless3 from 'serverless-http3'
import { READ } from '../adapter-world.js'

export const PATH = '/vedtak'

/** The response of a Lambda function to API Gateway or a load balancer. */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
}

/** A name, and a function that wraps a guarded application as a Lambda function. */
type Wrapped = readonly [name: string, create: (validator: MaskinportenValidator) => unknown]

/** Calls a Lambda function. The tests do not use AWS's types of events and results. */
export const invoke = async (lambda: unknown, event: object): Promise<LambdaAnswer> =>
  (lambda as (event: object, context: object) => Promise<LambdaAnswer>)(event, {})

const answerOf = (token: VerifiedToken) => ({ consumer: token.consumer.organisationNumber })

function onExpress(create: typeof express, validator: MaskinportenValidator) {
  const app = create()
  app.get(PATH, viaExpress.requireMaskinportenScope(READ, { validator }), (request, response) => {
    response.json(answerOf(viaExpress.getMaskinportenToken(request)))
  })
  return app
}

function onKoa(app: Koa, validator: MaskinportenValidator): Koa {
  app.use(viaKoa.requireMaskinportenScope(READ, { validator }))
  app.use((context) => {
    context.body = answerOf(viaKoa.getMaskinportenToken(context))
  })
  return app
}

async function onNest(validator: MaskinportenValidator) {
  @Controller()
  class VedtakController {
    @Get(PATH)
    @RequireMaskinportenScope(READ)
    find(@MaskinportenToken() token: VerifiedToken) {
      return answerOf(token)
    }
  }
  @Module({ imports: [MaskinportenModule.forRoot({ validator })], controllers: [VedtakController] })
  class AppModule {}
  const server = express()
  const app = await NestFactory.create(AppModule, new ExpressAdapter(server), { logger: false })
  await app.init()
  return server
}

function onFastify(validator: MaskinportenValidator) {
  const app = fastify()
  const onRequest = viaFastify.requireMaskinportenScope(READ, { validator })
  app.get(PATH, { onRequest }, async (request) => answerOf(viaFastify.getMaskinportenToken(request)))
  return app
}

function onHono(validator: MaskinportenValidator) {
  const guard = viaHono.requireMaskinportenScope(READ, { validator })
  return new Hono().get(PATH, guard, (c) => c.json(answerOf(viaHono.getMaskinportenToken(c))))
}

const serverlessHttp = (name: string, wrap: typeof serverless3 | typeof serverless4): Wrapped[] => [
  [`${name}, Express 5`, (v) => wrap(onExpress(express, v))],
  [`${name}, Express 4`, (v) => wrap(onExpress(express4, v))],
  [`${name}, Koa 3`, (v) => wrap(onKoa(new Koa(), v))],
  [`${name}, Koa 2`, (v) => wrap(onKoa(new Koa2(), v))],
  [`${name}, Nest`, async (v) => wrap(await onNest(v))],
]
const codegenie = '@codegenie/serverless-express'

export const WRAPPED: readonly Wrapped[] = [
  ...serverlessHttp('serverless-http 3', serverless3),
  ...serverlessHttp('serverless-http 4', serverless4),
  [`${codegenie}, Express 5`, (v) => serverlessExpress({ app: onExpress(express, v) })],
  [`${codegenie}, Nest`, async (v) => serverlessExpress({ app: await onNest(v) })],
  ['@fastify/aws-lambda', (v) => awsLambdaFastify(onFastify(v))],
  ['hono/aws-lambda', (v) => handle(onHono(v))],
]
