import type { IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type ModuleMetadata,
  type Provider,
  Put,
  type Type,
} from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { MaskinportenModule, type MaskinportenModuleOptions } from '@portvakt/nestjs'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'

export const PLATFORMS = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Sends exactly these Authorization headers over a socket. */
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

/** Status and reason of an answer that refuses. */
export async function reasonOf(answer: Promise<Answer>): Promise<readonly [number | undefined, unknown]> {
  const { status, body } = await answer
  return [status, body.startsWith('{') ? JSON.parse(body).reason : body]
}

/** What a controller that nobody decorated looks like. */
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

/** An application of these controllers that listens on a free port. */
export async function start(
  controllers: Type[],
  options: MaskinportenModuleOptions,
  {
    adapter = () => new ExpressAdapter(),
    providers = [] as Provider[],
    imports = [] as ModuleMetadata['imports'] & object,
  } = {},
): Promise<INestApplication> {
  @Module({ imports: [MaskinportenModule.forRoot(options), ...imports], controllers, providers })
  class AppModule {}
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile()
  const app = testing.createNestApplication(adapter() as ExpressAdapter, { logger: false })
  await app.listen(0, '127.0.0.1')
  return app
}
