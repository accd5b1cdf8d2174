// `@portvakt/fastify/openapi`: the guards of an application in the document of @fastify/swagger.
import type { PreparedRequirement } from '@portvakt/core'
import { mapOperations, type OpenApiOptions, secureOperations } from '@portvakt/core/openapi'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { LATE_HOOKS } from './guard-position.js'
import { REQUIREMENTS } from './require-maskinporten-scope.js'

export type { OpenApiOptions } from '@portvakt/core/openapi'

interface Route {
  readonly context: object
  /** Read only when a document is made: later `onRoute` hooks can still change it. */
  readonly options: RouteOptions
}

interface Registry {
  readonly routes: Map<unknown, Route>
  isReady: boolean
}

const REGISTRIES = new WeakMap<object, Registry>()

/** The member of an operation that names its route. @fastify/swagger copies `x-` members of a route's schema. */
const MARK = 'x-portvakt-route'

/**
 * Remembers the routes that are registered after it, for {@link addMaskinportenSecurity}. Register it before the
 * routes, in the context of @fastify/swagger or around it.
 *
 * @example
 * await app.register(openApiRoutes)
 */
export const openApiRoutes = fastifyPlugin(register, { fastify: '5.x', name: '@portvakt/fastify/openapi' })

/** The last mark. Each application has others, so that none finds the routes of another one. */
let last = 0

async function register(app: FastifyInstance): Promise<void> {
  // A context around this one has the routes.
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
 * Adds to each operation of a finished document what its guards require, and their answers. Returns a copy; see
 * `secureOperation` of `@portvakt/core/openapi` for what it keeps. A route's guards are its own and those that
 * `addHook` gave to its context, as Fastify has bound them. A guard that another function calls, such as a hook
 * of your own or `app.auth`, is not seen: use `secureOperation` for its routes.
 *
 * @param app the instance on which {@link openApiRoutes} is registered, or one inside it
 * @throws {TypeError} without {@link openApiRoutes}, before `app.ready()`, for a route that was registered before
 *   {@link openApiRoutes}, and for a document of another version than 3
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

/** The registry of a context or of its nearest ancestor that has one. The prototype of a context is its parent. */
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
 * The requirements of the guards that `addHook` gave to each context. Fastify binds such a guard once for every
 * route of the context, and a route's own guard for that route: twice, if it adds the route to a prefix without
 * calling `onRoute`.
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
