import { describe, expect, it } from 'vitest'
import { mapOperations, secureOperation, secureOperations, securityOf } from '../../src/openapi.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { documentOf, expectValid } from './documents.js'

const READ = 'nav:x.read'
const PATH = '/vedtak/{id}'

type Secured = ReturnType<typeof documentOf> & { readonly components?: Record<string, object> }

const secured = (document: object, requirement: AccessRequirement = READ): Secured =>
  secureOperation(document, 'get', PATH, requirement) as Secured

/** Returns the document with one guard for every operation. */
const guarded = (document: object) => secureOperations(document, () => [prepareRequirement(READ)]) as Secured

/** Returns the secured operation of a document. */
const operationIn = (document: Secured): Record<string, unknown> => document.paths[PATH].get
const securityIn = (document: Secured) => operationIn(document)['security']

it.each(['3.0.3', '3.1.0', '3.2.0'])('a secured OpenAPI %s document is valid', async (version) => {
  await expectValid(secured(documentOf({}, version)))
})

it('secureOperation changes only the named operation of a document, in a copy', () => {
  const document = Object.freeze(documentOf())
  const before = structuredClone(document)
  const after = secured(document)
  expect(document).toEqual(before)
  expect(after.paths['/health']).toEqual(before.paths['/health'])
  const { description, responses } = securityOf(READ).operation
  expect(operationIn(after)).toMatchObject({
    description,
    responses: { '200': { description: 'One' }, ...responses },
  })
  expect(after.components).toEqual(securityOf(READ).components)
})

describe('scopes in `security`', () => {
  it('for a bearer scheme, `security` lists scopes in OpenAPI 3.1, but not in 3.0', () => {
    expect(securityIn(secured(documentOf()))).toEqual([{ maskinporten: [READ] }])
    expect(securityIn(secured(documentOf({}, '3.0.3')))).toEqual([{ maskinporten: [] }])
  })

  it.each(['oauth2', 'openIdConnect'])(
    'in OpenAPI 3.0, `security` lists scopes for a scheme `maskinporten` of the type %s',
    (type) => {
      const components = { securitySchemes: { maskinporten: { type, flows: {} } } }
      const after = secured({ ...documentOf({}, '3.0.3'), components })
      expect(securityIn(after)).toEqual([{ maskinporten: [READ] }])
      expect(after.components?.['securitySchemes']).toEqual(components.securitySchemes)
    },
  )
})

describe('existing content of the document', () => {
  const key = { key: [] }
  const token = { maskinporten: [READ] }
  it.each<[string, object, object, object[]]>([
    ['requires the token in each alternative', { security: [key, { x: [] }] }, {}, [key, { x: [] }]],
    ['requires what the document requires, and the token', {}, { security: [key] }, [key]],
    ['requires only the token if its `security` is []', { security: [] }, { security: [key] }, [{}]],
    ['requires only the token if its `security` is [{}]', { security: [{}] }, { security: [key] }, [{}]],
    ['ignores entries of `security` that are not objects', { security: [null, 'x', key] }, {}, [key]],
  ])('a secured operation %s', (_title, operation, members, alternatives) => {
    const document = { ...documentOf(operation), ...members }
    for (const after of [secured(document), guarded(document)])
      expect(securityIn(after)).toEqual(alternatives.map((other) => ({ ...other, ...token })))
  })

  const old = { security: [{ maskinporten: ['nav:old'], ...key }] }
  it.each<[string, object, object]>([
    ['lists', old, {}],
    ['inherits from the document', {}, old],
  ])(
    'secureOperations replaces the scopes of `maskinporten` that an operation %s',
    (_title, operation, members) => {
      const after = guarded({ ...documentOf(operation), ...members })
      expect(securityIn(after)).toEqual([{ ...token, ...key }])
    },
  )

  it('secureOperations changes nothing in a document without a guarded operation', () => {
    const document = documentOf({ security: [{ maskinporten: ['nav:old'] }] })
    expect(secureOperations(document, () => [])).toEqual(document)
  })

  it.each(['', 7])('secureOperation replaces a description that is %j', (description) => {
    const document = secured(documentOf({ description }))
    expect(operationIn(document)['description']).toBe(securityOf(READ).operation.description)
  })

  it('an existing description of an operation is kept, and the guard’s demands follow the description', () => {
    const document = secured(documentOf({ description: 'One decision.' }))
    expect(operationIn(document)['description']).toMatch(/^One decision\.\n\nRequires .*`nav:x\.read`$/s)
  })

  it('securing an operation a second time changes nothing', () => {
    const once = secured(documentOf({ description: 'One decision.' }))
    expect(secured(once)).toEqual(once)
  })

  it('secureOperation adds missing headers and a problem body to a response, and keeps a `$ref` response', async () => {
    const reference = { $ref: '#/components/responses/Own' }
    const own = { description: 'Not yours.', content: { 'text/plain': { schema: { type: 'string' } } } }
    const document = {
      ...documentOf({ responses: { '401': reference, '403': own } }),
      components: { responses: { Own: { description: 'Own' } } },
    }
    const after = secured(document)
    const { responses } = operationIn(after) as { responses: Record<string, Record<string, object>> }
    expect(responses['401']).toEqual(reference)
    expect(responses['403']?.['description']).toBe(own.description)
    expect(responses['403']?.['content']).toMatchObject({ 'application/problem+json': {}, ...own.content })
    expect(responses['403']?.['headers']).toHaveProperty('www-authenticate')
    expect(after.components?.['responses']).toHaveProperty('Own')
    await expectValid(after)
  })

  it('an existing schema MaskinportenProblem is kept', () => {
    const schemas = { MaskinportenProblem: { type: 'string' }, Vedtak: { type: 'object' } }
    const after = secured({ ...documentOf(), components: { schemas } })
    expect(after.components?.['schemas']).toEqual(schemas)
  })
})

describe('several guards', () => {
  const guards = [prepareRequirement(READ), prepareRequirement({ scope: 'nav:y', consumers: ['889640782'] })]

  it('`security` requires the scopes of all guards of an operation, and the description lists all demands', () => {
    const after = secureOperations(documentOf(), (_, { path }) => (path === PATH ? guards : []))
    const operation = operationIn(after)
    expect(operation['security']).toEqual([{ maskinporten: [READ, 'nav:y'] }])
    expect(operation['description']).toBe(
      'Requires a token from Maskinporten:\n\n- scope: `nav:x.read`\n- scope: `nav:y`\n' +
        '- consumers: a consumer from a list of 1 organisation numbers',
    )
  })

  it('an operation that is secured once for each of its two guards requires the scopes of both guards', () => {
    const either = { scope: { anyOf: ['nav:y', 'nav:z'] } }
    const after = secured(secured(documentOf()), either)
    expect(securityIn(after)).toEqual([{ maskinporten: [READ, 'nav:y'] }, { maskinporten: [READ, 'nav:z'] }])
    expect(secured(after, either)).toEqual(after)
    expect(operationIn(after)['description']).toMatch(/nav:x\.read`\n\n.*`nav:y or nav:z`$/s)
  })

  it('`security` leaves out an alternative whose scopes include all scopes of another alternative', () => {
    for (const anyOf of [
      [READ, 'nav:y'],
      ['nav:y', READ],
    ])
      expect(securityIn(secured(secured(documentOf(), { scope: { anyOf } })))).toEqual([
        { maskinporten: [READ] },
      ])
  })

  it('a guard with a requirement function adds only the line “demands that depend on the request”', () => {
    const varying = prepareRequirement(() => READ)
    const after = secureOperations(documentOf(), () => [prepareRequirement('nav:y'), varying])
    const operation = operationIn(after)
    expect(operation['security']).toEqual([{ maskinporten: ['nav:y'] }])
    expect(operation['description']).toMatch(/- scope: `nav:y`\n- demands that depend on the request$/)
  })
})

describe('errors', () => {
  it.each([
    ['get', '/vedtak/:id'],
    ['GET', PATH],
  ])('secureOperation throws for an operation that the document does not have: %s %s', (method, path) => {
    expect(() => secureOperation(documentOf(), method, path, READ)).toThrow(
      `The document does not have the operation \`${method} ${path}\`. Write the method in lower case, and ` +
        'the path as the document does, such as `/vedtak/{id}`',
    )
  })

  it.each([[{ swagger: '2.0', paths: {} }], [{ openapi: 3.1 }], [{ openapi: '2.3.1' }], [[]]])(
    'secureOperations and mapOperations throw for a document that is not OpenAPI 3: %j',
    (document) => {
      expect(() => secureOperations(document, () => [])).toThrow(/OpenAPI document of version 3/)
      expect(() => mapOperations(document, (operation) => operation)).toThrow(TypeError)
    },
  )
})

it('mapOperations does not change members of a path item that are not operations', () => {
  const seen: string[] = []
  const document = {
    openapi: '3.1.0',
    paths: { '/a': { summary: 'A', $ref: '#/x', trace: {}, get: {} }, '/b': null },
  }
  const after = mapOperations(document, (operation, { method, path }) => {
    seen.push(`${method} ${path}`)
    return { ...operation, operationId: method }
  })
  expect(seen).toEqual(['get /a', 'trace /a'])
  expect(after.paths).toEqual({
    '/a': { summary: 'A', $ref: '#/x', trace: { operationId: 'trace' }, get: { operationId: 'get' } },
    '/b': null,
  })
})
