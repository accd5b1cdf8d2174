// `@portvakt/nestjs/openapi`: adds the requirements of guards to the document of @nestjs/swagger.
import { type INestApplicationContext, RequestMethod } from '@nestjs/common'
import { ApplicationConfig, DiscoveryService, ModulesContainer } from '@nestjs/core'
// @nestjs/swagger gets its paths from this class too.
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js'
import type { PreparedRequirement } from '@portvakt/core'
import { prepareRequirement } from '@portvakt/core/adapter'
import { type OpenApiOptions, secureOperations } from '@portvakt/core/openapi'
import { type AccessMark, isRequirement, readClassMark, readMethodMark } from './access-mark.js'
import { isFunction, isObject, methodNamesOf } from './methods.js'

export type { OpenApiOptions } from '@portvakt/core/openapi'

/** Metadata keys of NestJS. */
const [PATH, METHOD, VERSION, MODULE_PATH] = ['path', 'method', '__version__', '__module_path__'] as const

/**
 * Adds the requirement of `@RequireMaskinportenScope` and the guard's error responses to each operation of a
 * finished document. Returns a copy; the documentation of `secureOperation` in `@portvakt/core/openapi` lists
 * the parts that are kept. Operations whose handler has `@SkipMaskinporten()` or no decorator stay as they
 * are. If handlers with different requirements share an operation (for example, if a header selects the
 * version), the operation's description says that the requirement depends on the request.
 *
 * @throws {TypeError} for an operation without a route in a controller, and for a document that is not
 *   OpenAPI 3. Add operations of your own to the result, not to `document`.
 * @example
 * import { NestFactory } from '@nestjs/core'
 * import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
 *
 * const app = await NestFactory.create(AppModule)
 * const config = new DocumentBuilder().setOpenAPIVersion('3.1.0').build()
 * const document = addMaskinportenSecurity(SwaggerModule.createDocument(app, config), app)
 * SwaggerModule.setup('docs', app, document)
 */
export function addMaskinportenSecurity<Document extends object>(
  document: Document,
  app: INestApplicationContext,
  options: OpenApiOptions = {},
): Document {
  const [served, unprefixed] = [marksByOperation(app, true), marksByOperation(app, false)]
  return secureOperations(
    document,
    (_, { method, path }) => {
      // In a document of version 3.0, @nestjs/swagger puts webhooks in `paths`, under their names.
      if (!path.startsWith('/')) return []
      const keys = [operationKey(method, path), operationKey(ALL, path)]
      const marks = [served, unprefixed].flatMap((one) => keys.map((key) => one.get(key))).find(Boolean)
      if (marks) return requirementsIn(marks)
      throw new TypeError(
        `No controller routes ${method.toUpperCase()} ${path}: add such operations after addMaskinportenSecurity`,
      )
    },
    options,
  )
}

/** Stands for several requirements, of which the request selects one. The function is never called. */
const VARYING = prepareRequirement<never>(String)

function requirementsIn(marks: Marks): readonly PreparedRequirement<never>[] {
  const [mark, ...others] = new Map(marks.map((one) => [textOf(one), one])).values()
  if (others.length > 0) return [VARYING]
  return isRequirement(mark) ? [mark] : []
}

/** Returns equal values for marks that a document describes the same way; undefined for an open handler. */
function textOf(mark: AccessMark | undefined): unknown {
  if (!isRequirement(mark)) return undefined
  return mark.rule?.demands.map(({ name, expected }) => `${name} ${expected(undefined)}`).join() ?? mark
}

const ALL = RequestMethod[RequestMethod.ALL].toLowerCase()

/** Drops the syntax of parameters, so that a route's `/vedtak/:id` equals a document's `/vedtak/{id}`. */
function operationKey(method: string, path: string): string {
  const plain = path
    .replace(/\([^()]*\)/g, (pattern) => (pattern === '(.*)' ? '{}' : ''))
    .replace(/\[:\]|::|\\:/g, ':')
    .replace(/[?+]/g, '')
  return `${method} ${plain.replace(/\{([/.-]?)[*:]\w+\}|[*:]\w+|\*|\{\w*\}/g, (_, separator = '') => `${separator}{}`)}`
}

type Marks = readonly (AccessMark | undefined)[]

/**
 * The marks of the handlers that NestJS routes for each operation: more than one if versions share a path.
 */
function marksByOperation(app: INestApplicationContext, isPrefixed: boolean): ReadonlyMap<string, Marks> {
  const modules = app.get(ModulesContainer)
  const config = app.get(ApplicationConfig)
  const factory = new RoutePathFactory(config)
  const versioning = config.getVersioning()
  const globalPrefix = isPrefixed ? config.getGlobalPrefix() : ''
  const byOperation = new Map<string, Marks>()
  for (const { metatype: type, instance, host } of new DiscoveryService(modules).getControllers()) {
    if (!type || !isObject(instance)) continue
    const modulePath = modulePathOf(host?.metatype ?? {}, modules.applicationId)
    for (const name of methodNamesOf(Object.getPrototypeOf(instance))) {
      const handler: unknown = Reflect.get(instance, name)
      if (!isFunction(handler) || !Reflect.hasMetadata(PATH, handler)) continue
      const method: RequestMethod = Reflect.getMetadata(METHOD, handler)
      const route = {
        ctrlPath: Reflect.getMetadata(PATH, type),
        methodPath: Reflect.getMetadata(PATH, handler),
        controllerVersion: Reflect.getMetadata(VERSION, type) ?? versioning?.defaultVersion,
        methodVersion: Reflect.getMetadata(VERSION, handler),
        globalPrefix,
        modulePath,
        ...(versioning && { versioningOptions: versioning }),
      }
      const mark = readMethodMark(handler) ?? readClassMark(instance.constructor)
      for (const path of factory.create(route, method)) {
        const key = operationKey(RequestMethod[method].toLowerCase(), path)
        byOperation.set(key, [...(byOperation.get(key) ?? []), mark])
      }
    }
  }
  return byOperation
}

/** The path that RouterModule sets for a module; undefined if it sets none. */
function modulePathOf(module: object, applicationId: string) {
  return Reflect.getMetadata(MODULE_PATH + applicationId, module) ?? Reflect.getMetadata(MODULE_PATH, module)
}
