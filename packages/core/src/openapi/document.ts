import { isObject, type JsonObject, own } from '../platform/json.js'

/** The members of a path item that are operations (OpenAPI 3.2, which added `query`). */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const

/** Where an operation is in a document. */
export interface OperationPlace {
  /** The key in `paths`, such as `/vedtak/{id}`. */
  readonly path: string
  /** In lower case, as the key in the path item. */
  readonly method: string
}

/** An operation of a document. Its members are unchecked. */
export type OpenApiOperation = JsonObject

/** @throws {TypeError} unless the value is an OpenAPI document of version 3 */
export function readVersion(document: object): string {
  const version = isObject(document) ? own(document, 'openapi') : undefined
  if (typeof version === 'string' && /^3\.\d/.test(version)) return version
  throw new TypeError(
    "The document must be an OpenAPI document of version 3, with a member such as `openapi: '3.1.0'`",
  )
}

/** Returns the object in a member; an empty object if the member is missing or not an object. */
export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = own(object, name)
  return isObject(value) ? value : {}
}

/**
 * Returns a copy of a document, in which the result of `change` replaces each operation. The given document
 * is not changed, and shares all other objects with the copy.
 *
 * @throws {TypeError} unless the document is an OpenAPI document of version 3
 * @example
 * const untagged = mapOperations({ openapi: '3.1.0', paths: {} }, ({ tags: _, ...operation }) => operation)
 */
export function mapOperations<Document extends object>(
  document: Document,
  change: (operation: OpenApiOperation, place: OperationPlace) => OpenApiOperation,
): Document {
  readVersion(document)
  // `readVersion` has checked that the document is an object.
  const paths = Object.entries(objectIn(document as JsonObject, 'paths')).map(([path, item]) => {
    if (!isObject(item)) return [path, item]
    const operations = METHODS.flatMap((method) => {
      const operation = own(item, method)
      return isObject(operation) ? [[method, change(operation, { path, method })]] : []
    })
    return [path, { ...item, ...Object.fromEntries(operations) }]
  })
  return { ...document, ...('paths' in document && { paths: Object.fromEntries(paths) }) }
}
