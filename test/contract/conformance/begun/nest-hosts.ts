import type { ServerResponse } from 'node:http'
import { Controller, Get, Module, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import type { Response } from 'express'
import type { FastifyReply } from 'fastify'
import { running } from '../host.js'
import type { BegunHost, Stages } from './stages.js'

export const begunHosts: readonly BegunHost[] = [
  { name: 'Nest on Express', protocol: 'HTTP/1', start: onNestExpress },
  { name: 'Nest on Fastify', protocol: 'HTTP/1', start: onNestFastify },
]

const QUIET = { logger: false, abortOnError: false } as const

async function onNestExpress(stages: Stages) {
  const app = await NestFactory.create(moduleOf(stages), new ExpressAdapter(), QUIET)
  app.use((_request: unknown, response: Response, next: () => void) => {
    stages.before(response)
    next()
  })
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

async function onNestFastify(stages: Stages) {
  const app = await NestFactory.create<NestFastifyApplication>(moduleOf(stages), new FastifyAdapter(), QUIET)
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (_request, reply, done) => {
      stages.before(reply.raw)
      done()
    })
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

function moduleOf({ validator, requirement, handle }: Stages) {
  @Controller()
  class GuardedController {
    @Get()
    @RequireMaskinportenScope(requirement)
    get(@Res() response: Response | FastifyReply) {
      handle(nodeResponseOf(response))
    }
  }
  @Module({ imports: [MaskinportenModule.forRoot({ validator })], controllers: [GuardedController] })
  class AppModule {}
  return AppModule
}

function nodeResponseOf(response: Response | FastifyReply): ServerResponse {
  if (!('hijack' in response)) return response
  response.hijack()
  return response.raw
}
