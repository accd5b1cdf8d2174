import type { IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type NestApplicationOptions,
  type Provider,
  Put,
  type Type,
} from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { createMockMaskinporten } from '@portvakt/mock'
import {
  createMaskinportenValidator,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenModuleOptions,
  RequireMaskinportenScope,
} from '@portvakt/nestjs'
import { afterEach } from 'vitest'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'

export const mock = await createMockMaskinporten()
export const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

/** An Authorization header with a valid token. */
export const bearer = async (scope = READ) => [`Bearer ${await mock.issueToken({ scope })}`]

export const PLATFORMS = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Sends exactly these Authorization headers. */
export function call(
  app: INestApplication,
  path: string,
  authorization: readonly string[] = [],
  method = 'GET',
): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo
  const headers = [
    'Host',
    'localhost',
    'Content-Length',
    '0',
    ...authorization.flatMap((value) => ['Authorization', value]),
  ]
  return new Promise((resolve, reject) => {
    httpRequest({ port, path, method, headers, agent: false })
      .on('response', async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
      .on('error', reject)
      .end()
  })
}

/** Status and reason of a denial. */
export async function reasonOf(answer: Promise<Answer>): Promise<readonly [number | undefined, unknown]> {
  const { status, body } = await answer
  return [status, body.startsWith('{') ? JSON.parse(body).reason : body]
}

@Controller('read')
export class ReadController {
  @Get()
  @RequireMaskinportenScope(READ)
  get() {
    return 'read'
  }
}

/** A controller that has none of this package's decorators. */
@Controller('plain')
export class PlainController {
  @Get()
  get() {
    return 'plain'
  }

  @Put()
  put() {
    return 'plain'
  }
}

/**
 * Copies every member other than `except`, like the mixins in TypeScript's handbook. By default, copies
 * `constructor` too.
 */
export function applyMixin(to: Type, from: Type, except?: string): void {
  for (const name of Object.getOwnPropertyNames(from.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(from.prototype, name) ?? {}
    if (name !== except) Object.defineProperty(to.prototype, name, descriptor)
  }
}

const started: INestApplication[] = []
afterEach(async () => {
  for (const app of started.splice(0)) await app.close()
})

/** An application that listens on a free port until the test ends. */
export async function listen(
  builder: ReturnType<typeof Test.createTestingModule>,
  adapter: object = new ExpressAdapter(),
  logger: NestApplicationOptions['logger'] = false,
): Promise<INestApplication> {
  const app = (await builder.compile()).createNestApplication(adapter as ExpressAdapter, { logger })
  await app.listen(0, '127.0.0.1')
  started.push(app)
  return app
}

/** Starts an application with these controllers, with or without a global guard. */
export function start(
  controllers: readonly Type[],
  {
    options = { validator } as MaskinportenModuleOptions,
    adapter = (): object => new ExpressAdapter(),
    isGlobal = false,
    providers = [] as readonly Provider[],
    imports = [] as readonly object[],
  } = {},
): Promise<INestApplication> {
  const guard = { provide: APP_GUARD, useExisting: MaskinportenGuard }
  @Module({
    imports: [MaskinportenModule.forRoot(options), ...(imports as Type[])],
    controllers: [...controllers],
    providers: [...providers, ...(isGlobal ? [guard] : [])],
  })
  class AppModule {}
  return listen(Test.createTestingModule({ imports: [AppModule] }), adapter())
}
