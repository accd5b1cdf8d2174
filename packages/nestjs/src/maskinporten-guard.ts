import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
  Optional,
} from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { Decision, MaskinportenValidator, PreparedRequirement } from '@portvakt/core'
import {
  authorizationValues,
  checkValidator,
  createGuard,
  type Guard,
  isUnwantedPromise,
} from '@portvakt/core/adapter'
import { readClassMark, readMethodMark } from './access-mark.js'
import { canAnswer, deny } from './deny.js'
import { httpRequestOf, type PlatformRequest } from './http-request.js'
import { type CheckedOptions, MASKINPORTEN_OPTIONS, MASKINPORTEN_VALIDATOR } from './module-options.js'
import { checkStart } from './start-check.js'

/**
 * For each call of a handler and each validator, the requirement that the request last met. The guard can run
 * several times for one call: for the application, for the class and for the method. One validator can be
 * stricter than another, so each validator decides for itself.
 */
const satisfied = new WeakMap<object, WeakMap<MaskinportenValidator, PreparedRequirement>>()

/**
 * Lets a request pass if it meets the requirement of its method or, if the method has none, of its class.
 * Refuses requests to handlers without a requirement, so that a global guard closes the whole application.
 * Also refuses calls that are not HTTP requests. Use this guard in `@UseGuards` and `APP_GUARD`;
 * `@RequireMaskinportenScope` applies the guard itself.
 *
 * @example
 * providers: [{ provide: APP_GUARD, useExisting: MaskinportenGuard }]
 */
export class MaskinportenGuard implements CanActivate, OnModuleInit {
  readonly #validator: MaskinportenValidator | undefined
  readonly #options: CheckedOptions | undefined
  readonly #moduleRef: ModuleRef
  readonly #guards = new WeakMap<PreparedRequirement, Guard<PlatformRequest>>()
  /**
   * The handlers whose refusal is already logged. Each handler is logged once, so that a caller cannot fill
   * the log.
   */
  readonly #refused = new WeakSet<object>()

  constructor(
    validator: MaskinportenValidator | undefined,
    options: CheckedOptions | undefined,
    moduleRef: ModuleRef,
  ) {
    this.#validator = validator
    this.#options = options
    this.#moduleRef = moduleRef
  }

  /** @throws {Error} if the module is missing, or if NestJS would bypass the guard of a handler */
  onModuleInit(): void {
    checkValidator(this.#askValidator())
    checkStart(this.#moduleRef, MaskinportenGuard)
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const mark = readMethodMark(context.getHandler()) ?? readClassMark(context.getClass())
    if (mark === 'public') return true
    const request = httpRequestOf(context)
    // Only an HTTP request has a header for the token. For other transports, NestJS writes the refusal.
    if (!request) return this.#refuseWithoutRequest(context)
    const http = context.getType() === 'http' ? context.switchToHttp() : undefined
    const validator = this.#askValidator()
    if (!mark) {
      const answer: unknown = http && this.#options?.publicRoutes?.(context)
      if (answer === true) return true
      if (isUnwantedPromise(answer))
        throw new TypeError('`publicRoutes` must return a boolean, and not a promise')
      return this.#follow(await validator.refuseUnguarded({ request }), context)
    }
    // A handler can pass an HTTP request on with `next`. The next handler has another route, so a requirement
    // that depends on the request can demand another scope.
    const call = http ? context : request
    if (satisfied.get(call)?.get(validator) === mark) return true
    const rawHeaders = request.raw?.rawHeaders ?? request.rawHeaders
    const authorization = authorizationValues({ rawHeaders, headers: request.headers })
    const decision = await this.#guardFor(mark)(authorization, { request }).catch((error: unknown) => {
      // A function of the application, such as `authorize`, threw an error. NestJS answers it, unless a
      // response has already started.
      if (http) canAnswer(false, http.getResponse())
      throw error
    })
    if (http && !canAnswer(true, http.getResponse(), request.raw ?? request)) return false
    if (decision.allowed) {
      request.maskinporten = decision.token
      satisfied.set(call, (satisfied.get(call) ?? new WeakMap()).set(validator, mark))
    }
    return this.#follow(decision, context)
  }

  #guardFor(mark: PreparedRequirement): Guard<PlatformRequest> {
    const guard = this.#guards.get(mark) ?? createGuard(mark, { validator: this.#askValidator() })
    this.#guards.set(mark, guard)
    return guard
  }

  #follow(decision: Decision, context: ExecutionContext): true {
    return decision.allowed || deny(decision.denial, context, this.#moduleRef)
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

  #askValidator(): MaskinportenValidator {
    if (this.#validator) return this.#validator
    throw new Error(
      'MaskinportenGuard has no validator: add MaskinportenModule.forRoot() to the imports of your root module',
    )
  }
}

const logger = new Logger('MaskinportenGuard')

// The decorators are called as functions, because the type metadata of decorator syntax depends on the
// compiler. The dependencies are optional, so that the guard itself can report a missing module.
Injectable()(MaskinportenGuard)
for (const [index, token] of [MASKINPORTEN_VALIDATOR, MASKINPORTEN_OPTIONS].entries()) {
  Inject(token)(MaskinportenGuard, undefined, index)
  Optional()(MaskinportenGuard, undefined, index)
}
Inject(ModuleRef)(MaskinportenGuard, undefined, 2)
