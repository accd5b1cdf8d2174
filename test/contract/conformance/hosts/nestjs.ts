import type { IncomingMessage } from 'node:http'
import { All, Controller, Get, Module, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import {
  type AccessRequirement,
  MaskinportenModule,
  MaskinportenToken,
  RequireMaskinportenScope,
  type VerifiedToken,
} from '@portvakt/nestjs'
import { type Api, READ, REQUIREMENTS, requirementsByRequest, singleHeader, WRITE } from '../api.js'
import { type Host, type Running, running } from '../host.js'

export { begunHosts } from '../begun/nest-hosts.js'

export const hosts: readonly Host[] = [
  { name: 'Nest on Express', stacks: false, start: (api) => onNest(() => new ExpressAdapter(), api) },
  { name: 'Nest on Fastify', stacks: false, start: (api) => onNest(() => new FastifyAdapter(), api) },
]

/** In NestJS, the module supplies the validator, so each validator of the suite has its own application. */
async function onNest(adapter: () => object, api: Api): Promise<Running> {
  const [main, offline, slow] = await Promise.all(
    [api.validator, api.offline, api.slow].map((validator) => serveNest(adapter(), { ...api, validator })),
  )
  if (!main || !offline || !slow) throw new Error('Three applications were started')
  return {
    port: main.port,
    portOf: (path) => (path === '/offline' ? offline : path === '/slow' ? slow : main).port,
    async close() {
      for (const one of [main, offline, slow]) await one.close()
    },
  }
}

async function serveNest(adapter: object, api: Api): Promise<Running> {
  // The type of an adapter depends on its platform, Express or Fastify.
  const app = await NestFactory.create(moduleOf(api), adapter as ExpressAdapter, {
    logger: false,
    abortOnError: false,
  })
  await app.listen(0, '127.0.0.1')
  return running(app.getHttpServer())
}

function moduleOf(api: Api): Type {
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
    imports: [MaskinportenModule.forRoot({ validator: api.validator })],
    controllers: [
      OpenController,
      ...Object.entries(requirements).map(([path, requirement]) => guarded(path, requirement)),
    ],
  })
  class AppModule {}
  return AppModule
}
