import { configure as serverlessExpress } from '@codegenie/serverless-express'
import awsLambdaFastify from '@fastify/aws-lambda'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { handle } from 'hono/aws-lambda'
import Koa from 'koa'
import Koa2 from 'koa2'
import serverless4 from 'serverless-http'
import serverless3 from 'serverless-http3'
import type { Api } from '../conformance/api.js'
import { onExpress } from '../conformance/hosts/express.js'
import { onFastify } from '../conformance/hosts/fastify.js'
import { onHono } from '../conformance/hosts/hono.js'
import { onKoa } from '../conformance/hosts/koa.js'
import { moduleOf } from '../conformance/hosts/nestjs.js'

/** The response of a Lambda function to API Gateway or a load balancer. */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
}

/** A name, and a function that wraps the API of the conformance suite as a Lambda function. */
type Wrapped = readonly [name: string, create: (api: Api) => unknown]

/** Calls a Lambda function. The tests do not use AWS's types of events and results. */
export const invoke = async (lambda: unknown, event: object): Promise<LambdaAnswer> =>
  (lambda as (event: object, context: object) => Promise<LambdaAnswer>)(event, {})

async function onNest(api: Api) {
  const server = express()
  const app = await NestFactory.create(moduleOf(api), new ExpressAdapter(server), { logger: false })
  await app.init()
  return server
}

const serverlessHttp = (name: string, wrap: typeof serverless3 | typeof serverless4): Wrapped[] => [
  [`${name}, Express 5`, (api) => wrap(onExpress(express, api))],
  [`${name}, Express 4`, (api) => wrap(onExpress(express4, api))],
  [`${name}, Koa 3`, (api) => wrap(onKoa(new Koa(), api))],
  [`${name}, Koa 2`, (api) => wrap(onKoa(new Koa2(), api))],
  [`${name}, Nest`, async (api) => wrap(await onNest(api))],
]
const codegenie = '@codegenie/serverless-express'

export const WRAPPED: readonly Wrapped[] = [
  ...serverlessHttp('serverless-http 3', serverless3),
  ...serverlessHttp('serverless-http 4', serverless4),
  [`${codegenie}, Express 5`, (api) => serverlessExpress({ app: onExpress(express, api) })],
  [`${codegenie}, Nest`, async (api) => serverlessExpress({ app: await onNest(api) })],
  ['@fastify/aws-lambda', (api) => awsLambdaFastify(onFastify(fastify(), api))],
  ['hono/aws-lambda', (api) => handle(onHono(api))],
]
