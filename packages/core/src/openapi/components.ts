import { MaskinportenError } from '../errors/maskinporten-error.js'
import { type MaskinportenCode, type MaskinportenReason, REASONS } from '../errors/reasons/reasons.js'
import { type Denial, denialOf } from '../http/denial.js'

/** The name of the security scheme, in `components.securitySchemes` and in security requirements. */
export const SCHEME = 'maskinporten'

const PROBLEM = 'MaskinportenProblem'

/** A bearer token, as a Security Scheme Object. */
export interface BearerScheme {
  type: 'http'
  scheme: 'bearer'
  bearerFormat: 'JWT'
  description: string
}

/** The schema of a JSON member or a header: the part of JSON Schema that OpenAPI 3.0 and 3.1 share. */
export interface ValueSchema {
  type: 'string' | 'integer'
  description?: string
  enum?: (string | number)[]
  minimum?: number
}

/** The schema of the guard's problem document (RFC 9457). */
export interface ProblemSchema {
  type: 'object'
  description: string
  required: string[]
  properties: { [member: string]: ValueSchema }
}

/** The guard's answers with one status, as a Response Object. */
export interface GuardResponse {
  description: string
  headers: { [name: string]: { description?: string; schema: ValueSchema } }
  content: {
    [mediaType: string]: { schema: { $ref: string }; examples: { [code: string]: { value: unknown } } }
  }
}

/** The objects to which guarded operations refer, for the document's `components`. */
export interface SecurityComponents {
  securitySchemes: { [SCHEME]: BearerScheme }
  schemas: { [PROBLEM]: ProblemSchema }
  responses: { [name: string]: GuardResponse }
}

const MEANINGS: Readonly<Record<MaskinportenCode, string>> = {
  missing_token: 'The request has no token.',
  invalid_request: 'The request has more than one credential.',
  invalid_token: 'The token is not valid for this API.',
  insufficient_scope: 'The token lacks a scope that the operation requires.',
  access_denied: 'The caller may not perform the operation.',
  temporarily_unavailable: 'Tokens cannot be verified at the moment, and the token may be valid.',
}

function headerOf(name: string): GuardResponse['headers'][string] {
  if (name === 'retry-after') {
    return { description: 'Seconds until another attempt.', schema: { type: 'integer', minimum: 1 } }
  }
  const isChallenge = name === 'www-authenticate'
  return {
    ...(isChallenge && { description: 'The challenge (RFC 6750). Names the scopes if one is missing.' }),
    schema: { type: 'string' },
  }
}

/** The guard's answer for each reason. */
function denials(): readonly Denial[] {
  return (Object.keys(REASONS) as MaskinportenReason[]).map((reason) => {
    const isOutage = REASONS[reason].code === 'temporarily_unavailable'
    return denialOf(new MaskinportenError(reason, isOutage ? { retryAfter: 30 } : {}))
  })
}

const problemOf = ({ body }: Denial) => JSON.parse(body)

/** The name of the Response Object for a status, such as `MaskinportenForbidden`. */
const nameOf = (denial: Denial): string => `Maskinporten${problemOf(denial).title.replaceAll(' ', '')}`

/** References to the responses of {@link securityComponents}, for an operation. */
export function responseReferences(): { [status: string]: { $ref: string } } {
  return Object.fromEntries(
    denials().map((denial) => [denial.status, { $ref: `#/components/responses/${nameOf(denial)}` }]),
  )
}

/** Returns new objects at each call, because an application can change the objects in its document. */
export function securityComponents(): SecurityComponents {
  const all = denials()
  return {
    securitySchemes: { [SCHEME]: scheme() },
    schemas: { [PROBLEM]: problemSchema(all) },
    responses: Object.fromEntries(
      all.map((denial) => [nameOf(denial), responseOf(all.filter(({ status }) => status === denial.status))]),
    ),
  }
}

/**
 * Describes a bearer token (RFC 6750) and not an OAuth flow: OpenAPI has no flow for Maskinporten's grant
 * (RFC 7523), and for `clientCredentials` a tool would send a client secret, which Maskinporten's clients do
 * not have.
 */
function scheme(): BearerScheme {
  return {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'An access token from Maskinporten, which a client gets by a JWT grant (RFC 7523) for the scopes of the ' +
      'operation. See https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant',
  }
}

/** Lists all codes and statuses, but not the reasons, because a client must accept new reasons. */
function problemSchema(all: readonly Denial[]): ProblemSchema {
  return {
    type: 'object',
    description: 'Why a request is refused (RFC 9457).',
    required: ['title', 'status', 'detail', 'code', 'reason'],
    properties: {
      title: { type: 'string', description: 'The phrase of the status.' },
      status: { type: 'integer', enum: [...new Set(all.map(({ status }) => status))].sort() },
      detail: { type: 'string', description: 'The reason in words, which can change.' },
      code: { type: 'string', enum: [...new Set(all.map(({ code }) => code))] },
      reason: { type: 'string', description: 'The exact reason, a stable name. There can be new ones.' },
    },
  }
}

/** The Response Object for one status. The example of each code is an answer of the guard itself. */
function responseOf(denials: readonly Denial[]): GuardResponse {
  const codes = [...new Set(denials.map(({ code }) => code))]
  const headers = new Set(denials.flatMap((denial) => Object.keys(denial.headers)))
  // OpenAPI ignores a `Content-Type` header in a response: the media type is the key in `content`.
  headers.delete('content-type')
  const examples: GuardResponse['content'][string]['examples'] = {}
  for (const denial of denials) examples[denial.code] ??= { value: problemOf(denial) }
  return {
    description: codes.map((code) => MEANINGS[code]).join(' '),
    headers: Object.fromEntries([...headers].map((name) => [name, headerOf(name)])),
    content: {
      [String(denials[0]?.headers['content-type'])]: {
        schema: { $ref: `#/components/schemas/${PROBLEM}` },
        examples,
      },
    },
  }
}
