import type { IncomingMessage, ServerResponse } from 'node:http'
import { All, Controller, Get, Module, Res, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import {
  type AccessRequirement,
  MaskinportenModule,
  MaskinportenToken,
  type MaskinportenValidator,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import type { Response } from 'express'
import type { FastifyReply } from 'fastify'
import { type Api, READ, REQUIREMENTS, requirementsByRequest, singleHeader, WRITE } from '../api.js'
import type { BegunHost, Stages } from '../begun/stages.js'
import { type Host, type Running, running } from '../host.js'

export const hosts: readonly Host[] = [
  { name: 'Nest on Express', stacks: false, start: (api) => onNest(new ExpressAdapter(), api) },
  { name: 'Nest on Fastify', stacks: false, start: (api) => onNest(new FastifyAdapter(), api) },
]

export const begunHosts: readonly BegunHost[] = [
  { name: 'Nest on Express', protocol: 'HTTP/1', start: begunOnExpress },
  { name: 'Nest on Fastify', protocol: 'HTTP/1', start: begunOnFastify },
]

const QUIET = { logger: false, abortOnError: false } as const

/** In NestJS, the module supplies the validator of all routes, so this validator chooses by the path. */
function byPath({ validator, offline, slow }: Api): MaskinportenValidator {
  const validators: Readonly<Record<string, MaskinportenValidator>> = { '/offline': offline, '/slow': slow }
  const decide: MaskinportenValidator['decide'] = (authorization, requirement, context) => {
    const request = context?.request as IncomingMessage | undefined
    return (validators[request?.url ?? ''] ?? validator).decide(authorization, requirement, context)
  }
  return Object.create(validator, { decide: { value: decide } })
}

async function onNest(adapter: object, api: Api): Promise<Running> {
  // Cast: the type of an adapter depends on its platform, Express or Fastify.
  const app = await NestFactory.create(moduleOf(api), adapter as ExpressAdapter, QUIET)
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

/** The API as a NestJS module. */
export function moduleOf(api: Api): Type {
  /** A controller with one guarded route. */
  function guarded(path: string, requirement: AccessRequirement<never>): Type {
    @Controller()
    class GuardedController {
      @All(path)
      @RequireMaskinportenScope(requirement)
      handle(@MaskinportenToken() token: VerifiedToken) {
        api.handled()
        return { consumer: token.consumer.organisationNumber }
      }
    }
    return GuardedController
  }

  @Controller()
  class OpenController {
    @Get('open')
    open() {
      return { open: true }
    }
  }

  const requirements: Record<string, AccessRequirement<never>> = {
    ...REQUIREMENTS,
    // A NestJS route has one requirement, so the two requirements of `/write` are merged.
    '/write': { ...REQUIREMENTS['/write'], scope: { allOf: [READ, WRITE] } },
    ...requirementsByRequest(singleHeader<IncomingMessage>),
    ...Object.fromEntries(['/offline', '/slow', '/router/read', '/mounted/read'].map((path) => [path, READ])),
  }
  @Module({
    imports: [MaskinportenModule.forRoot({ validator: byPath(api) })],
    controllers: [
      OpenController,
      ...Object.entries(requirements).map(([path, requirement]) => guarded(path, requirement)),
    ],
  })
  class AppModule {}
  return AppModule
}

async function begunOnExpress(stages: Stages): Promise<Running> {
  const app = await NestFactory.create(begunModuleOf(stages), new ExpressAdapter(), QUIET)
  app.use((_request: unknown, response: Response, next: () => void) => {
    stages.before(response)
    next()
  })
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

async function begunOnFastify(stages: Stages): Promise<Running> {
  const adapter = new FastifyAdapter()
  adapter.getInstance().addHook('onRequest', async (_request, { raw }) => stages.before(raw))
  const app = await NestFactory.create<NestFastifyApplication>(begunModuleOf(stages), adapter, QUIET)
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

function begunModuleOf({ validator, requirement, handle }: Stages): Type {
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
