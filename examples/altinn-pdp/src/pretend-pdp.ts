import type { Fetch } from '@portvakt/client'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'

const LEVEL = 'urn:altinn:minimum-authenticationlevel'
const PATH = '/authorization/api/v1/authorize'

/** A right of a system user. */
export interface Right {
  readonly systemUser: string
  readonly action: string
  readonly organisationNumber: string
}

/** A stand-in for Altinn's PDP. It knows one resource, and its answers have the form of Altinn's answers. */
export interface PretendPdp {
  readonly rights: Right[]
  /** Answers requests at the path of the PDP, and passes any other request on. */
  readonly fetch: Fetch
}

/** @param keys Altinn's keys @param next sends requests that are not for the PDP */
export function createPretendPdp(
  resource: string,
  subscriptionKey: string,
  keys: JSONWebKeySet,
  next: Fetch,
): PretendPdp {
  const rights: Right[] = []

  async function answer(request: Request): Promise<Response> {
    if (request.headers.get('ocp-apim-subscription-key') !== subscriptionKey) {
      const message = 'Access denied due to missing subscription key.'
      return Response.json({ statusCode: 401, message }, { status: 401 })
    }
    const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? ''
    const verified = await jwtVerify(token, createLocalJWKSet(keys)).catch(() => undefined)
    if (!verified) return new Response(null, { status: 401 })
    const scopes = String(verified.payload['scope']).split(' ')
    if (!scopes.includes('altinn:authorization/authorize')) return new Response(null, { status: 403 })
    const asked = attributesIn(await request.json())
    if (asked.get('urn:altinn:resource') !== resource) return Response.json(indeterminate)
    const isRight = rights.some(
      ({ systemUser, action, organisationNumber }) =>
        asked.get('urn:altinn:systemuser:uuid') === systemUser &&
        asked.get('urn:oasis:names:tc:xacml:1.0:action:action-id') === action &&
        asked.get('urn:altinn:organization:identifier-no') === organisationNumber,
    )
    return Response.json(isRight ? permit('3') : decision('NotApplicable'))
  }

  return {
    rights,
    fetch: (input, init) => {
      const request = new Request(input, init)
      return new URL(request.url).pathname === PATH ? answer(request) : next(input, init)
    },
  }
}

/** Returns every attribute of a request, regardless of its category. */
function attributesIn(body: {
  readonly Request: Readonly<Record<string, unknown>>
}): ReadonlyMap<string, string> {
  type Entry = { readonly Attribute: readonly { readonly AttributeId: string; readonly Value: string }[] }
  const { AccessSubject, Action, Resource } = body.Request
  const entries = [AccessSubject, Action, Resource].flat() as readonly Entry[]
  return new Map(
    entries.flatMap(({ Attribute }) =>
      Attribute.map(({ AttributeId, Value }) => [AttributeId, Value] as const),
    ),
  )
}

/** An answer with one decision. */
export function decision(name: string, code = 'ok', obligations: readonly object[] | null = null): object {
  const value = `urn:oasis:names:tc:xacml:1.0:status:${code}`
  const status = { statusMessage: null, statusDetails: null, statusCode: { value, statusCode: null } }
  const others = { associateAdvice: null, category: null, policyIdentifierList: null }
  return { response: [{ decision: name, status, obligations, ...others }] }
}

const indeterminate = decision('Indeterminate', 'processing-error')

/** A Permit that requires an authentication level. */
export function permit(value: string, category = LEVEL): object {
  const assignment = { attributeId: 'urn:altinn:obligation-assignment:1', value, category, issuer: null }
  return decision('Permit', 'ok', [{ id: 'urn:altinn:obligation:1', attributeAssignment: [assignment] }])
}
