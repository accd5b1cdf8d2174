// `@portvakt/fastify/openapi`: adds the requirements of guards to the document of @fastify/swagger.
import type { PreparedRequirement } from '@portvakt/core'
import { mapOperations, type OpenApiOptions, secureOperations } from '@portvakt/core/openapi'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { LATE_HOOKS } from './guard-position.js'
import { REQUIREMENTS } from './guard-registry.js'

export type { OpenApiOptions } from '@portvakt/core/openapi'

interface Route {
  readonly context: object
  /**
   * The route's options. They are read only when a document is made, because later `onRoute` hooks can still
   * change them.
   */
  readonly options: RouteOptions
}

interface Registry {
  readonly routes: Map<unknown, Route>
  isReady: boolean
}

const REGISTRIES = new WeakMap<object, Registry>()

/**
 * The member of an OpenAPI operation that identifies the operation's route. @fastify/swagger copies the `x-`
 * members of a route's schema into the operation.
 */
const MARK = 'x-portvakt-route'

/**
 * A plugin that records routes for {@link addMaskinportenSecurity}. Register it before the routes, in the
 * context of @fastify/swagger or in an enclosing context.
 *
 * @example
 * await app.register(openApiRoutes)
 */
export const openApiRoutes = fastifyPlugin(register, { fastify: '5.x', name: '@portvakt/fastify/openapi' })

/**
 * The latest value of `x-portvakt-route`. The values are unique across applications, so that no application
 * finds the routes of another application.
 */
let last = 0

async function register(app: FastifyInstance): Promise<void> {
  // This context or an enclosing context already records the routes.
  if (registryOf(app)) return
  const registry: Registry = { routes: new Map(), isReady: false }
  REGISTRIES.set(app, registry)
  app.addHook('onRoute', function (options) {
    const id = ++last
    registry.routes.set(id, { context: this, options })
    options.schema = Object.assign({}, options.schema, { [MARK]: id })
  })
  app.addHook('onReady', async () => {
    registry.isReady = true
  })
}

/**
 * Adds the requirements and the error responses of the guards to each operation of a finished document.
 * Returns a copy; the documentation of `secureOperation` in `@portvakt/core/openapi` lists the parts that are
 * kept. A route's guards are those on the route itself, and those that `addHook` added to the route's
 * context. A guard that another function calls, such as your own hook or `app.auth`, is not found: use
 * `secureOperation` for the routes of such a guard.
 *
 * @param app the instance on which {@link openApiRoutes} is registered, or one inside it
 * @throws {TypeError} without {@link openApiRoutes}, before `app.ready()`, for a route that was registered
 *   before {@link openApiRoutes}, and for a document that is not OpenAPI 3
 * @example
 * import swagger from '@fastify/swagger'
 *
 * await app.register(openApiRoutes)
 * await app.register(swagger, { openapi: { openapi: '3.1.0' } })
 * app.get('/vedtak', { onRequest: requireMaskinportenScope('nav:x.read') }, async () => 'ok')
 * await app.ready()
 * const document = addMaskinportenSecurity(app.swagger(), app)
 */
export function addMaskinportenSecurity<Document extends object>(
  document: Document,
  app: FastifyInstance,
  options: OpenApiOptions = {},
): Document {
  const { routes, isReady } = registryOf(app) ?? unregistered()
  if (!isReady) throw new TypeError('addMaskinportenSecurity needs all routes: call it after app.ready()')
  const shared = sharedRequirements([...routes.values()])
  const secured = secureOperations(
    document,
    ({ [MARK]: id }, { method, path }) => {
      const route = routes.get(id)
      if (route) {
        return [...new Set([...(shared.get(route.context) ?? []), ...ownRequirements(route)])]
      }
      if (!app.hasRoute({ method: method.toUpperCase(), url: path.replace(/\{(\w+)\}/g, ':$1') })) return []
      throw new TypeError(
        `${method.toUpperCase()} ${path} was registered before openApiRoutes, or a \`transform\` removed ` +
          `\`${MARK}\` from its schema: register openApiRoutes first, and keep \`x-\` members`,
      )
    },
    options,
  )
  return mapOperations(secured, ({ [MARK]: _, ...operation }) => operation)
}

/**
 * Returns the registry of a context or of its nearest ancestor that has a registry. The prototype of a
 * context is the context's parent.
 */
function registryOf(app: object): Registry | undefined {
  for (let context: object | null = app; context; context = Object.getPrototypeOf(context)) {
    const registry = REGISTRIES.get(context)
    if (registry) return registry
  }
  return undefined
}

function unregistered(): never {
  throw new TypeError('Register openApiRoutes before the routes: await app.register(openApiRoutes)')
}

type Requirements = readonly PreparedRequirement<never>[]

/**
 * Returns the requirements of the guards that `addHook` added to each context. Fastify binds such a guard
 * once for every route of the context. Fastify binds a route's own guard once for that route, or twice if the
 * route is `/` under a prefix: Fastify adds this route with and without the slash, and calls `onRoute` once.
 */
function sharedRequirements(routes: readonly Route[]): ReadonlyMap<object, Requirements> {
  const shared = new Map<object, Requirements>()
  for (const context of new Set(routes.map((route) => route.context))) {
    const bound = REQUIREMENTS.get(context) ?? []
    const own = routes.filter((route) => route.context === context).flatMap(ownRequirements)
    const times = (one: unknown, list: Requirements) => list.filter((other) => other === one).length
    shared.set(
      context,
      [...new Set(bound)].filter((one) => times(one, bound) > 2 * times(one, own)),
    )
  }
  return shared
}

const HOOKS = ['onRequest', ...LATE_HOOKS] as const

function ownRequirements({ options }: Route): Requirements {
  return HOOKS.flatMap((name) => [options[name]].flat()).flatMap(
    (hook) => (hook && REQUIREMENTS.get(hook)) ?? [],
  )
}
