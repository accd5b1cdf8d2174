import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  applyDecorators,
  Controller,
  type ControllerOptions,
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
import { afterEach, expect } from 'vitest'

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

/** Sends exactly these Authorization headers. `others` has other headers as a list of names and values. */
export function call(
  app: INestApplication,
  path: string,
  authorization: readonly string[] = [],
  method = 'GET',
  { body: sent = '', others = [] as readonly string[] } = {},
): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo
  const credentials = authorization.flatMap((value) => ['Authorization', value])
  const headers = ['Host', 'localhost', 'Content-Length', `${sent.length}`, ...credentials, ...others]
  return new Promise((resolve, reject) => {
    httpRequest({ port, path, method, headers, agent: false })
      .on('response', (response) => {
        const { statusCode: status, headers: received } = response
        text(response).then((body) => resolve({ status, headers: received, body }), reject)
      })
      .on('error', reject)
      .end(sent)
  })
}

/** Status and reason of a denial. */
export async function reasonOf(answer: Promise<Answer>): Promise<readonly [number | undefined, unknown]> {
  const { status, body } = await answer
  return [status, body.startsWith('{') ? JSON.parse(body).reason : body]
}

/** Expects that this path requires a token, and that the handler answers a valid token with this body. */
export async function expectGuarded(app: INestApplication, path: string, body = 'read'): Promise<void> {
  expect(await reasonOf(call(app, path))).toEqual([401, 'no_credentials'])
  expect((await call(app, path, await bearer())).body).toBe(body)
}

/** Expects that this path is open, and that the handler answers with this body. */
export async function expectOpen(app: INestApplication, path: string, body: string): Promise<void> {
  expect((await call(app, path)).body).toBe(body)
}

/** Expects that an application does not start, and that the error has this message. `Error`: the whole message. */
export async function expectNoStart(
  starting: Promise<unknown>,
  message: RegExp | string | Error,
): Promise<void> {
  await expect(starting.then(() => 'started')).rejects.toThrow(message)
}

/** A logger that adds errors to this list. */
export const recordErrors = (errors: string[]) => ({
  log: () => undefined,
  warn: () => undefined,
  error: (line: unknown) => void errors.push(String(line)),
})

/** A new class with a handler. Applies the decorators in order: in source code, the first is the lowest. */
export function classWith(...decorators: MethodDecorator[]): Type {
  class Handlers {
    @applyDecorators(...decorators, Get())
    get() {
      return 'read'
    }
  }
  return Handlers
}

/** Turns a class into the controller `SubController` with the path `sub`. */
export function subController(type: Type, options: ControllerOptions = {}): Type {
  Object.defineProperty(type, 'name', { value: 'SubController' })
  Controller({ path: 'sub', ...options })(type)
  return type
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
    logger = false as NestApplicationOptions['logger'],
  } = {},
): Promise<INestApplication> {
  const guard = { provide: APP_GUARD, useExisting: MaskinportenGuard }
  @Module({
    imports: [MaskinportenModule.forRoot(options), ...(imports as Type[])],
    controllers: [...controllers],
    providers: [...providers, ...(isGlobal ? [guard] : [])],
  })
  class AppModule {}
  return listen(Test.createTestingModule({ imports: [AppModule] }), adapter(), logger)
}
