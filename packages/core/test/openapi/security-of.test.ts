import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { denialOf } from '../../src/http/denial.js'
import { securityOf } from '../../src/openapi.js'
import { DEMANDS } from '../../src/requirements/demands.js'
import { prepareRequirement } from '../../src/requirements/requirement.js'
import { REASON_NAMES } from '../reasons.js'

const { components, operation } = securityOf('nav:x.read')

const RULE = {
  scope: { allOf: ['nav:a', { anyOf: ['nav:b', 'nav:c'] }] },
  audience: 'https://api.example.no',
  consumers: ['889640782', '310385980'],
  delegation: { suppliers: ['991825827'], sources: ['https://altinn.no/'] },
  systemUser: 'required',
  consent: { resources: ['loan'] },
  pid: () => undefined,
  authorize: () => true,
} as const

describe('the security of an operation', () => {
  it('`security` has the scopes of an allOf in one entry, and the scopes of an anyOf in separate entries', () => {
    expect(securityOf(RULE).operation.security).toEqual([
      { maskinporten: ['nav:a', 'nav:b'] },
      { maskinporten: ['nav:a', 'nav:c'] },
    ])
  })

  it('more than 32 scope alternatives are listed in the description, but not in `security`', () => {
    const anyOf = Array.from({ length: 33 }, (_, index) => `nav:${index}`)
    const { security, description } = securityOf({ scope: { anyOf } }).operation
    expect(security).toEqual([{ maskinporten: [] }])
    expect(description).toContain('nav:0 or nav:1 or')
    expect(description).toContain('nav:32')
  })
})

describe('the description of an operation', () => {
  it('the description of an operation lists every demand of the rule, in the words of `explain`', () => {
    const { description } = securityOf(RULE).operation
    const demands = prepareRequirement(RULE).rule?.demands ?? []
    expect(demands.map(({ name }) => name)).toEqual(DEMANDS.map(({ name }) => name))
    for (const { name, expected } of demands)
      expect(description.replaceAll('`', '')).toContain(
        `- ${name}: ${expected(undefined)?.replaceAll('`', '')}`,
      )
  })

  it('the description of an operation does not name the organisations of `consumers` and `suppliers`', () => {
    expect(JSON.stringify(securityOf(RULE))).not.toMatch(/889640782|310385980|991825827/)
  })

  it('the description names the validator’s audience only if the option `audience` is given', () => {
    expect(operation.description).not.toContain('audience')
    const options = { audience: ['https://a.no/', 'https://b.no/'] }
    expect(securityOf('nav:x.read', options).operation.description).toContain(
      '- audience: `aud` names https://a.no/ or https://b.no/',
    )
    expect(securityOf(RULE, options).operation.description).not.toContain('https://a.no/')
  })

  it('a requirement function is not called: the description says that demands depend on the request', () => {
    const never = () => expect.unreachable('the function was called')
    const { security, description } = securityOf(never).operation
    expect(security).toEqual([{ maskinporten: [] }])
    expect(description).toBe('Requires a token from Maskinporten:\n\n- demands that depend on the request')
  })
})

describe('the answers of an operation', () => {
  const resolve = (status: number) => {
    const { $ref = '' } = operation.responses[status] ?? {}
    return components.responses[$ref.replace('#/components/responses/', '')]
  }
  const validate = new Ajv2020().compile(components.schemas.MaskinportenProblem)

  it.each(REASON_NAMES)('the denial with the reason %s matches a response and an example', (reason) => {
    const denial = denialOf(new MaskinportenError(reason, { requiredScopes: ['nav:a'], retryAfter: 7 }))
    const response = resolve(denial.status)
    const { 'content-type': mediaType = '', 'retry-after': _, ...headers } = denial.headers
    expect(Object.keys(response?.headers ?? {})).toEqual(expect.arrayContaining(Object.keys(headers)))
    expect(Object.keys(response?.content ?? {})).toEqual([mediaType])
    const body: unknown = JSON.parse(denial.body)
    expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
    expect(Object.keys(components.schemas.MaskinportenProblem.properties)).toEqual(Object.keys(Object(body)))
    const examples = new Map(Object.entries(response?.content[mediaType]?.examples ?? {}))
    const example = examples.get(denial.code)?.value
    expect(example).toMatchObject({ status: denial.status, code: denial.code })
    expect(validate(example)).toBe(true)
  })

  it('an operation has a response for each status of a denial, and only that for 503 has Retry-After', () => {
    const statuses = Object.keys(operation.responses).map(Number)
    expect(statuses).toEqual([400, 401, 403, 503])
    expect(statuses.filter((status) => resolve(status)?.headers['retry-after'])).toEqual([503])
  })
})

it('the `components` that securityOf returns equal components.snapshot', async () => {
  await expect(`${JSON.stringify(components, null, 2)}\n`).toMatchFileSnapshot('components.snapshot')
})

it('securityOf returns a new object each time, so that a caller’s changes have no effect', () => {
  securityOf('nav:x.read').components.securitySchemes.maskinporten.description = 'changed'
  Object.assign(securityOf('nav:x.read').operation.responses, { '401': undefined })
  expect(securityOf('nav:x.read')).toEqual({ components, operation })
})

it.each<[object, RegExp]>([
  [{ audience: 'x' }, /`audience` must be an absolute URI/],
  [{ audiences: 'https://a.no' }, /^OpenAPI has no option `audiences`/],
])('securityOf throws for the options %j', (options, message) => {
  expect(() => securityOf('nav:x.read', options)).toThrow(message)
})
