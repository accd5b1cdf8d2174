import { Validator } from '@seriousme/openapi-schema-validator'
import { expect } from 'vitest'

/** Compiles the schema of each version once. */
const validator = new Validator()

/** Fails unless the document is valid by the schema of its OpenAPI version. */
export async function expectValid(document: object): Promise<void> {
  // The validator resolves references in the object that it is given.
  const { valid, errors } = await validator.validate(structuredClone(document) as Record<string, unknown>)
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
}

interface Operation {
  readonly security?: readonly { readonly maskinporten?: readonly string[] }[]
  readonly description?: string
  readonly responses?: object
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Maps each operation, such as `GET /read`, to its lists of scopes, or to undefined if it needs no token. */
export const scopesIn = ({ paths }: Document) =>
  Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { security }]) => [
        `${method.toUpperCase()} ${path}`,
        security?.map(({ maskinporten = ['none'] }) => maskinporten),
      ]),
    ),
  )

export const INFO = { title: 'Vedtak', version: '1' }

/** A document with two operations. */
export const documentOf = (operation: object = {}, openapi = '3.1.0') => ({
  openapi,
  info: INFO,
  paths: {
    '/health': { get: { responses: { '200': { description: 'Alive' } } } },
    '/vedtak/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { responses: { '200': { description: 'One' } }, ...operation },
    },
  },
})
