import { takeOptions } from '../platform/options.js'
import { prepareAudience } from '../requirements/audience.js'
import {
  type AccessRequirement,
  type PreparedRequirement,
  prepareRequirement,
} from '../requirements/requirement.js'
import { responseReferences, SCHEME, type SecurityComponents, securityComponents } from './components.js'
import { scopeAlternatives } from './scope-alternatives.js'

/** Options for the description of requirements. */
export interface OpenApiOptions {
  /** The validator's `audience`, for requirements without `audience`. Default: no audience is described. */
  readonly audience?: string | readonly string[]
}

/** The parts of an operation that describe a requirement. */
export interface OperationSecurity {
  /** Each entry is an alternative. The scopes of an entry are required together. */
  security: { [scheme: string]: string[] }[]
  /** CommonMark text: everything that the token must have. */
  description: string
  /** References to the guard's answers, by status. */
  responses: { [status: string]: { $ref: string } }
}

/** A requirement, described for an OpenAPI document. */
export interface MaskinportenSecurity {
  /** For the document's `components`. The same for every requirement. */
  components: SecurityComponents
  /** For the operation that the requirement guards. */
  operation: OperationSecurity
}

/**
 * Describes a requirement for an OpenAPI document of version 3.1 or newer. Pass the same constant to the
 * guard and to this function. The scopes come from the guard's own check, the description from the
 * requirement's members, and the responses from the guard's own answers. For a document of version 3.0, use
 * {@link secureOperation}: for a bearer scheme, `security` can list scopes in OpenAPI 3.1 but not in 3.0.
 *
 * A requirement that is a function is described as dependent on the request.
 *
 * @throws {TypeError} for a bad requirement or option
 * @example
 * const read = { scope: 'nav:x.read', consumers: ['889640782'] }
 * app.get('/vedtak', requireMaskinportenScope(read), handler)
 *
 * const { components, operation } = securityOf(read)
 * const document = { openapi: '3.1.0', paths: { '/vedtak': { get: operation } }, components }
 * @see https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object
 */
export function securityOf<Request>(
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
  options: OpenApiOptions = {},
): MaskinportenSecurity {
  const prepared = prepareRequirement(requirement)
  return { components: securityComponents(), operation: operationSecurity([prepared], readAudience(options)) }
}

/** @throws {TypeError} for an unknown or bad option */
export function readAudience(options: OpenApiOptions): readonly string[] | undefined {
  const { audience } = takeOptions(options, ['audience'], 'OpenAPI')
  return audience === undefined ? undefined : prepareAudience(audience)
}

/** @param guards the requirements of one operation, all of which a token must meet */
export function operationSecurity(
  guards: readonly PreparedRequirement<never>[],
  audience: readonly string[] | undefined,
): OperationSecurity {
  const rules = guards.flatMap(({ rule }) => rule ?? [])
  const alternatives = scopeAlternatives(rules.map(({ scope }) => scope)) ?? [[]]
  const lines = rules.flatMap(({ demands }) =>
    demands.flatMap(({ name, expected, scope }) => {
      const text = expected(audience)
      return text === undefined ? [] : [`- ${name}: ${scope ? `\`${text}\`` : text}`]
    }),
  )
  if (rules.length < guards.length) lines.push('- demands that depend on the request')
  return {
    security: alternatives.map((scopes) => ({ [SCHEME]: [...scopes] })),
    description: `Requires a token from Maskinporten:\n\n${[...new Set(lines)].join('\n')}`,
    responses: responseReferences(),
  }
}
