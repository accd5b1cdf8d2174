import type { MaskinportenValidator } from '@portvakt/core'
import { checkValidator, takeOptions } from '@portvakt/core/adapter'
import type { FastifyInstance } from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { isAdmitted, refuse } from './answer.js'
import { supplyValidator, validatorOf } from './context-validator.js'
import { checkPosition } from './guard-position.js'
import { checkPublicMark, isPublic, type MatchedRoute } from './public-routes.js'

/** The options of {@link maskinporten}. */
export interface MaskinportenPluginOptions {
  /**
   * The validator for guards in this context that do not have a validator of their own. Default: the
   * validator of the parent context, or else a validator from the environment.
   */
  readonly validator?: MaskinportenValidator
  /** Refuses requests in this context that no guard has let pass. Default `false`. */
  readonly defaultDeny?: boolean
  /**
   * Opens routes without a guard under `defaultDeny`. Called for each request to a route without a guard;
   * only `true` opens the route.
   */
  readonly publicRoutes?: (route: MatchedRoute) => boolean
}

/**
 * Supplies the validator for the guards of a context and its children, and declares `request.maskinporten`.
 * With `defaultDeny`, the plugin answers 403 to requests that no guard has let pass. Without `defaultDeny`,
 * the plugin itself refuses nothing.
 *
 * `defaultDeny` checks each request, so it covers every route of the context and its children, whether
 * registered before or after the plugin. A request that matches no route still gets 404. If another plugin's
 * `onRequest` hook answers a request (for example, a CORS preflight), that response is sent.
 *
 * @throws {TypeError} from `register`, for a bad option or an environment without an issuer
 * @example
 * await app.register(maskinporten, { defaultDeny: true })
 * app.get('/health', { config: { maskinporten: 'public' } }, async () => 'ok')
 */
export const maskinporten = fastifyPlugin(register, { fastify: '5.x', name: '@portvakt/fastify' })

async function register(app: FastifyInstance, options: MaskinportenPluginOptions): Promise<void> {
  const taken = takeOptions(options, ['validator', 'defaultDeny', 'publicRoutes'], 'The maskinporten plugin')
  const { validator = validatorOf(app), defaultDeny = false, publicRoutes } = taken
  checkValidator(validator)
  if (typeof defaultDeny !== 'boolean') throw new TypeError('`defaultDeny` must be true or false')
  if (publicRoutes !== undefined && (typeof publicRoutes !== 'function' || !defaultDeny)) {
    throw new TypeError('`publicRoutes` must be a function, and needs `defaultDeny: true`')
  }
  supplyValidator(app, validator)
  if (!app.hasRequestDecorator('maskinporten')) app.decorateRequest('maskinporten')
  app.addHook('onRoute', checkPosition)
  app.addHook('onRoute', checkPublicMark)
  if (!defaultDeny) return
  // `preParsing` runs after every onRequest hook, including the route's own, and before the body is read.
  app.addHook('preParsing', async (request, reply) => {
    if (request.is404 || isAdmitted(request) || isPublic(request, publicRoutes)) return undefined
    request.log.warn(
      `Refused a request to ${request.routeOptions.url}: no Maskinporten guard let it pass. Put a guard at onRequest`,
    )
    const decision = await validator.refuseUnguarded({ request })
    return decision.allowed ? undefined : refuse(request, reply, decision.denial)
  })
}
