import { isObject, type JsonObject, own } from '../platform/json.js'
import {
  type AccessRequirement,
  type PreparedRequirement,
  prepareRequirement,
} from '../requirements/requirement.js'
import { combined } from './combined.js'
import { SCHEME, securityComponents } from './components.js'
import {
  mapOperations,
  type OpenApiOperation,
  type OperationPlace,
  objectIn,
  readVersion,
} from './document.js'
import { type OpenApiOptions, operationSecurity, readAudience } from './security-of.js'

/**
 * Returns a copy of a finished document, in which one operation describes a requirement: its security, its
 * description and the guard's answers. Call this function once for each guard of the operation: a token must
 * satisfy all guards.
 *
 * Existing content is kept: other demands in `security`, a description, and answers with the same statuses.
 * If the document itself defines the security scheme `maskinporten`, the schema `MaskinportenProblem` (for
 * `denialBody`) or a response such as `MaskinportenForbidden`, its definition replaces ours. In a document of
 * version 3.0, only the schemes `oauth2` and `openIdConnect` can list scopes, so with our bearer scheme the
 * scopes are only in the description.
 *
 * @param method of the operation, in lower case
 * @param path of the operation, as in the document: `/vedtak/{id}`
 * @throws {TypeError} if the document does not have that operation, and for a bad requirement or option
 * @example
 * const read = { scope: 'nav:x.read', consumers: ['889640782'] }
 * app.get('/vedtak/:id', requireMaskinportenScope(read), handler)
 *
 * const document = { openapi: '3.0.3', paths: { '/vedtak/{id}': { get: { responses: {} } } } }
 * const complete = secureOperation(document, 'get', '/vedtak/{id}', read)
 */
export function secureOperation<Document extends object, Request>(
  document: Document,
  method: string,
  path: string,
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
  options: OpenApiOptions = {},
): Document {
  const guards = [prepareRequirement(requirement)]
  let isFound = false
  const secured = secure(document, options, (operation, place) => {
    if (place.method !== method || place.path !== path) return { operation, guards: [] }
    isFound = true
    return { operation, guards }
  })
  if (isFound) return secured
  throw new TypeError(
    `The document does not have the operation \`${method} ${path}\`. Write the method in lower case, and the path ` +
      'as the document does, such as `/vedtak/{id}`',
  )
}

/**
 * Adds requirements to every guarded operation, for an adapter that knows the guards of each operation. Works
 * like {@link secureOperation}, but replaces scopes that an operation already lists for the scheme
 * `maskinporten`.
 *
 * @param guardsOf returns the requirements of an operation, all of which a token must meet; an empty list if
 *   the operation is open
 * @throws {TypeError} unless the document is an OpenAPI document of version 3, and for a bad option
 * @example
 * const read = prepareRequirement('nav:x.read')
 * const document = { openapi: '3.1.0', paths: {} }
 * const complete = secureOperations(document, (_, { path }) => (path === '/health' ? [] : [read]))
 */
export function secureOperations<Document extends object>(
  document: Document,
  guardsOf: (operation: OpenApiOperation, place: OperationPlace) => readonly PreparedRequirement<never>[],
  options: OpenApiOptions = {},
): Document {
  return secure(document, options, (operation, place) => {
    const guards = guardsOf(operation, place)
    const security = own(operation, 'security') ?? own(document as JsonObject, 'security')
    if (guards.length === 0 || !Array.isArray(security)) return { operation, guards }
    // The document's own entries for our scheme could be out of date.
    const others = security.filter(isObject).map(({ [SCHEME]: _, ...other }) => other)
    return { operation: { ...operation, security: others }, guards }
  })
}

interface Guarded {
  readonly operation: OpenApiOperation
  readonly guards: readonly PreparedRequirement<never>[]
}

function secure<Document extends object>(
  document: Document,
  options: OpenApiOptions,
  guardedBy: (operation: OpenApiOperation, place: OperationPlace) => Guarded,
): Document {
  const audience = readAudience(options)
  const version = readVersion(document)
  // `readVersion` has checked that the document is an object.
  const given = document as JsonObject
  const ours = securityComponents()
  const components = objectIn(given, 'components')
  const schemes = { ...ours.securitySchemes, ...objectIn(components, 'securitySchemes') }
  const listsScopes = !version.startsWith('3.0') || hasScopes(schemes[SCHEME])
  let isGuarded = false

  const secured = mapOperations(document, (one, place) => {
    const { operation, guards } = guardedBy(one, place)
    if (guards.length === 0) return operation
    isGuarded = true
    const added = operationSecurity(guards, audience)
    return {
      ...operation,
      security: combined(
        own(operation, 'security') ?? own(given, 'security'),
        listsScopes ? added.security : [{ [SCHEME]: [] }],
      ),
      description: describedBy(own(operation, 'description'), added.description),
      responses: withAnswers(objectIn(operation, 'responses'), added.responses, ours.responses),
    }
  })
  if (!isGuarded) return secured
  return {
    ...secured,
    components: {
      ...components,
      securitySchemes: schemes,
      schemas: { ...ours.schemas, ...objectIn(components, 'schemas') },
      responses: { ...ours.responses, ...objectIn(components, 'responses') },
    },
  }
}

/**
 * Whether OpenAPI 3.0 allows scopes for a scheme: "For other security scheme types, the array MUST be empty."
 *
 * @see https://spec.openapis.org/oas/v3.0.4.html#security-requirement-object
 */
function hasScopes(scheme: unknown): boolean {
  return isObject(scheme) && ['oauth2', 'openIdConnect'].includes(String(scheme['type']))
}

function describedBy(description: unknown, added: string): string {
  if (typeof description !== 'string' || description === '') return added
  return description.includes(added) ? description : `${description}\n\n${added}`
}

/** Adds our headers and content to the operation's own answers, except to answers that are a `$ref`. */
function withAnswers(responses: JsonObject, references: JsonObject, ours: JsonObject): JsonObject {
  const completed = Object.entries(references).map(([status, reference]) => {
    const given = own(responses, status)
    if (!isObject(given)) return [status, reference]
    if (Object.hasOwn(given, '$ref')) return [status, given]
    const response = objectIn(ours, nameIn(reference))
    const both = (name: string) => ({ ...objectIn(response, name), ...objectIn(given, name) })
    return [status, { ...given, headers: both('headers'), content: both('content') }]
  })
  return { ...responses, ...Object.fromEntries(completed) }
}

const nameIn = (reference: unknown): string =>
  isObject(reference) ? String(reference['$ref']).replace('#/components/responses/', '') : ''
