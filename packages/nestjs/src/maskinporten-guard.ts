import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
  Optional,
} from '@nestjs/common'
import { HttpAdapterHost, ModuleRef } from '@nestjs/core'
import type { Decision, MaskinportenValidator, PreparedRequirement } from '@portvakt/core'
import { answerState, authorizationValues, type NodeResponse } from '@portvakt/core/adapter'
import { readClassMark, readMethodMark } from './access-mark.js'
import { endIfBegun } from './denial-headers.js'
import { deny } from './deny.js'
import { httpRequestOf, type PlatformRequest } from './http-request.js'
import { type CheckedOptions, MASKINPORTEN_OPTIONS, MASKINPORTEN_VALIDATOR } from './module-options.js'
import { checkStart } from './start-check.js'

/** The response of Express, or the reply of Fastify, which holds Node's response in `raw`. */
interface PlatformResponse extends NodeResponse {
  readonly raw?: NodeResponse
  hijack?(): unknown
}

/**
 * The requirement that a request has satisfied with each validator: the guard may stand on the application, the
 * class and the method. Another validator may be stricter, so its guard asks it.
 */
const satisfied = new WeakMap<PlatformRequest, WeakMap<MaskinportenValidator, PreparedRequirement>>()

/**
 * Lets a request pass when it meets what its method, or else its class, requires. What says nothing is refused,
 * so that a global guard closes the whole application; so is what is no HTTP request.
 *
 * For `@UseGuards` and for `APP_GUARD`; `@RequireMaskinportenScope` brings it along.
 *
 * @example
 * providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }]
 */
export class MaskinportenGuard implements CanActivate, OnModuleInit {
  readonly #validator: MaskinportenValidator | undefined
  readonly #options: CheckedOptions | undefined
  readonly #moduleRef: ModuleRef
  readonly #host: HttpAdapterHost
  /** The handlers that the log names already, so that a caller cannot fill it. */
  readonly #refused = new WeakSet<object>()

  constructor(
    validator: MaskinportenValidator | undefined,
    options: CheckedOptions | undefined,
    moduleRef: ModuleRef,
    host: HttpAdapterHost,
  ) {
    this.#validator = validator
    this.#options = options
    this.#moduleRef = moduleRef
    this.#host = host
  }

  /** @throws {Error} when the application starts without the module, or with a handler that would go unguarded */
  onModuleInit(): void {
    this.#askValidator()
    checkStart(this.#moduleRef, MaskinportenGuard)
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const mark = readMethodMark(context.getHandler()) ?? readClassMark(context.getClass())
    if (mark === 'public') return true
    const request = httpRequestOf(context)
    // A token arrives in a header of an HTTP request. NestJS words this refusal in the manner of the transport.
    if (!request) return this.#refuseWithoutRequest(context)
    const isHttp = context.getType() === 'http'
    if (!mark) {
      if (isHttp && this.#options?.publicRoutes?.(context) === true) return true
      return this.#follow(await this.#askValidator().refuseUnguarded({ request }), context)
    }
    const validator = this.#askValidator()
    if (satisfied.get(request)?.get(validator) === mark) return true
    const rawHeaders = request.raw?.rawHeaders ?? request.rawHeaders
    const decision = await validator
      .decide(authorizationValues({ rawHeaders, headers: request.headers }), mark, { request })
      .catch((error: unknown) => {
        // An error of the application's own rule: NestJS answers it, unless another answer has begun.
        if (isHttp) endIfBegun(context.switchToHttp().getResponse())
        throw error
      })
    if (isHttp && hasLeft(context)) return false
    if (decision.allowed) {
      request.maskinporten = decision.token
      satisfied.set(request, (satisfied.get(request) ?? new WeakMap()).set(validator, mark))
    }
    return this.#follow(decision, context)
  }

  #refuseWithoutRequest(context: ExecutionContext): false {
    const handler = context.getHandler()
    if (this.#refused.has(handler)) return false
    this.#refused.add(handler)
    logger.error(
      `${context.getClass().name}.${handler.name} was called without an HTTP request (${context.getType()}) and is ` +
        'refused: the guard is for HTTP. Check the callers of another transport, or of GraphQL over a WebSocket, in ' +
        'another way, and put @SkipMaskinporten() on the handler',
    )
    return false
  }

  #follow(decision: Decision, context: ExecutionContext): true {
    return decision.allowed || deny(decision.denial, context, this.#host)
  }

  #askValidator(): MaskinportenValidator {
    if (this.#validator) return this.#validator
    throw new Error(
      'MaskinportenGuard has no validator: add MaskinportenModule.forRoot() to the imports of your root module',
    )
  }
}

const logger = new Logger('MaskinportenGuard')

/** Whether the caller has left, or a time-out has already answered: nothing is left to do. */
function hasLeft(context: ExecutionContext): boolean {
  const http = context.switchToHttp()
  const [request, response] = [http.getRequest<PlatformRequest>(), http.getResponse<PlatformResponse>()]
  if (answerState(request.raw ?? request, response.raw ?? response) !== 'over') return false
  // NestJS answers every refusal. On Fastify 4 that is an unhandled rejection if the headers are already sent.
  response.hijack?.()
  return true
}

// Called as functions: a decorator's metadata about types depends on the compiler, tokens do not. Optional, so
// that a missing module is explained by us; an environment that is wrong has stopped the start before that.
Injectable()(MaskinportenGuard)
Inject(MASKINPORTEN_VALIDATOR)(MaskinportenGuard, undefined, 0)
Optional()(MaskinportenGuard, undefined, 0)
Inject(MASKINPORTEN_OPTIONS)(MaskinportenGuard, undefined, 1)
Optional()(MaskinportenGuard, undefined, 1)
Inject(ModuleRef)(MaskinportenGuard, undefined, 2)
Inject(HttpAdapterHost)(MaskinportenGuard, undefined, 3)
