import type { AddressInfo } from 'node:net'
import {
  applyDecorators,
  Controller,
  type ControllerOptions,
  Get,
  type INestApplication,
  type NestApplicationOptions,
  type Provider,
  Put,
  Scope,
  type Type,
} from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import type { IssueTokenOptions } from '@portvakt/mock'
import {
  createMaskinportenValidator,
  MaskinportenGuard,
  MaskinportenModule,
  type MaskinportenModuleOptions,
  RequireMaskinportenScope,
  SkipMaskinporten,
} from '@portvakt/nestjs'
import { expect, onTestFinished } from 'vitest'
import { headersWith, mock, READ, validator, WRITE } from '../../../test/contract/adapter-world.js'
import { type Answer, type RawHeaders, send } from '../../../test/contract/conformance/host.js'

export { mock, READ, validator, WRITE }

/** A validator whose denials contain the URL of the request. */
export const urlValidator = createMaskinportenValidator({
  issuer: mock.issuer,
  fetch: mock.fetch,
  denialBody: ({ reason }, request) => ({ reason, url: (request as { url: string }).url }),
})

/** An Authorization header with a valid token. */
export const bearer = async (options?: IssueTokenOptions) => [(await headersWith(options)).authorization]

export const onExpress = () => new ExpressAdapter()
export const onFastify = () => new FastifyAdapter()
export const PLATFORMS = [
  ['NestJS with Express', onExpress],
  ['NestJS with Fastify', onFastify],
] as const

/** Sends exactly these Authorization headers. By default, sends no body and no other headers. */
export function call(
  app: INestApplication,
  path: string,
  authorization: readonly string[] = [],
  method = 'GET',
  { body = '', others = [] as RawHeaders } = {},
): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo
  const credentials = authorization.map((value) => ['Authorization', value] as const)
  return send(port, method, path, [...credentials, ...others], body)
}

/** Status and reason of a denial. */
export async function reasonOf(answer: Promise<Answer>): Promise<readonly [number | undefined, unknown]> {
  const { status, body } = await answer
  return [status, body.startsWith('{') ? JSON.parse(body).reason : body]
}

type Outcome = readonly [status: number, reasonOrBody: string]
/** The answers to a request without a token, with the scope READ, and with the scope WRITE. */
export type Answers = readonly [withoutToken: Outcome, withRead: Outcome, withWrite: Outcome]

const INSUFFICIENT: Outcome = [403, 'insufficient_scope']
/** A handler requires the scope READ, and answers a valid token with this body. */
export const guarded = (body = 'read'): Answers => [[401, 'no_credentials'], [200, body], INSUFFICIENT]
/** A handler requires the scope WRITE, and answers a valid token with this body. */
export const guardedByWrite = (body: string): Answers => [[401, 'no_credentials'], INSUFFICIENT, [200, body]]
/** A handler is open, and answers with this body. */
export const open = (body: string): Answers => [
  [200, body],
  [200, body],
  [200, body],
]
/** A handler has lost its guard. */
export const CLOSED: Answers = [
  [403, 'no_guard'],
  [403, 'no_guard'],
  [403, 'no_guard'],
]

/** Expects that an application starts, and that its paths answer like this. */
export async function expectAnswers(
  starting: Promise<INestApplication> | INestApplication,
  expected: Readonly<Record<string, Answers>>,
): Promise<void> {
  const app = await starting
  const tokens = [[], await bearer(), await bearer({ scope: WRITE })]
  for (const [path, answers] of Object.entries(expected)) {
    const outcomes = await Promise.all(tokens.map((token) => reasonOf(call(app, path, token))))
    expect(outcomes, path).toEqual(answers)
  }
}

/** Expects that an application does not start, and that the error has this message. `Error`: the whole message. */
export async function expectNoStart(
  starting: Promise<unknown>,
  message: RegExp | string | Error,
): Promise<void> {
  const outcome = await starting.then(
    () => 'started',
    (error: unknown) => error,
  )
  // Vitest's `toThrow` also accepts a thrown `undefined`.
  expect(outcome).toBeInstanceOf(Error)
  expect(() => {
    throw outcome
  }).toThrow(message)
}

/** A logger that adds errors to this list. */
export const recordErrors = (errors: string[]) => ({
  log: () => undefined,
  warn: () => undefined,
  error: (line: unknown) => void errors.push(String(line)),
})

export const requireRead = RequireMaskinportenScope(READ)
export const requireWrite = RequireMaskinportenScope(WRITE)
export const skip = SkipMaskinporten()

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

/** Applies a class decorator that returns nothing, and returns the class. */
export function decorated(type: Type, decorate: (type: Type) => void): Type {
  decorate(type)
  return type
}

/** Copies the metadata of one class or method to another, and returns the other. */
export function withMetadataOf<Target extends object>(from: object, to: Target): Target {
  for (const key of Reflect.getMetadataKeys(from)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to)
  }
  return to
}

/** Turns a class into the controller `SubController` with the path `sub`. */
export function subController(type: Type, options: ControllerOptions = {}): Type {
  Object.defineProperty(type, 'name', { value: 'SubController' })
  return decorated(type, Controller({ path: 'sub', ...options }))
}

@Controller('read')
export class ReadController {
  @Get()
  @requireRead
  get() {
    return 'read'
  }
}

/** A new subclass whose constructor binds a method, so that the method loses its guard. */
export const binding = (Parent: Type, key: string | symbol = 'get'): Type =>
  class Binding extends Parent {
    constructor() {
      super()
      Reflect.set(this, key, Parent.prototype[key].bind(this))
    }
  }

/** A new controller whose constructor binds its guarded method. */
export const boundController = (scope = Scope.DEFAULT): Type =>
  decorated(binding(ReadController), Controller({ path: 'bound', scope }))

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

interface HostOptions {
  /** Default: Express. */
  readonly adapter?: () => object
  /** Default: logs nothing. */
  readonly logger?: NestApplicationOptions['logger']
  /** Configures the application before it starts. */
  readonly configure?: (app: INestApplication) => unknown
}

/** An application that listens on a free port until the test ends. */
export async function listen(
  builder: ReturnType<typeof Test.createTestingModule>,
  { adapter = onExpress, logger = false, configure }: HostOptions = {},
): Promise<INestApplication> {
  const app = (await builder.compile()).createNestApplication(adapter() as ExpressAdapter, { logger })
  configure?.(app)
  await app.listen(0, '127.0.0.1')
  // Not a hook of this module: test files that share a process evaluate the module only once.
  onTestFinished(() => app.close())
  return app
}

/** The module with the mock's validator. */
export const maskinportenModule = MaskinportenModule.forRoot({ validator })

interface StartOptions extends HostOptions {
  /** Default: the module with the mock's validator. */
  readonly imports?: readonly object[]
  readonly providers?: readonly Provider[]
  readonly isGlobal?: boolean
}

/** Starts an application with these controllers, with or without a global guard. */
export function start(
  controllers: readonly Type[],
  { imports = [maskinportenModule], providers = [], isGlobal = false, ...options }: StartOptions = {},
): Promise<INestApplication> {
  const guard = { provide: APP_GUARD, useExisting: MaskinportenGuard }
  const builder = Test.createTestingModule({
    imports: imports as Type[],
    controllers: [...controllers],
    providers: [...providers, ...(isGlobal ? [guard] : [])],
  })
  return listen(builder, options)
}

/** The guard of an application that does not listen. */
export async function guardWith(options: MaskinportenModuleOptions = {}): Promise<MaskinportenGuard> {
  const imports = [MaskinportenModule.forRoot({ validator, ...options })]
  return (await Test.createTestingModule({ imports }).compile()).get(MaskinportenGuard)
}

/** The context of a call to a method, for the guard. */
export function contextOf(type: Type, key: string | symbol, args: unknown[] = [{}, {}], transport = 'http') {
  const context = new ExecutionContextHost(args, type, Reflect.get(type.prototype, key))
  context.setType(transport)
  return context
}
