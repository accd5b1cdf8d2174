/**
 * Thrown when the PDP has not decided. If a thrown error has the members `status` (or `statusCode`) and
 * `headers`, Express and most other frameworks answer with them. The reason is in `cause`, for the log,
 * because some frameworks send the message to the caller.
 */
export class PdpUnavailable extends Error {
  override readonly name = 'PdpUnavailable'
  readonly status = 503
  readonly statusCode = 503
  readonly headers = { 'retry-after': '5', 'cache-control': 'no-store' }

  constructor(reason: string, cause?: unknown) {
    super('Altinn cannot decide about this request now', { cause: new Error(reason, { cause }) })
  }
}

/** The authentication level that Altinn gives a token of Maskinporten. */
const LEVEL = 3

/**
 * Reads the PDP's answer to a single question.
 *
 * @throws {PdpUnavailable} unless the answer is Permit, Deny or NotApplicable
 */
export function isPermitted(answer: unknown): boolean {
  const results = member(answer, 'response')
  const [result, ...others] = Array.isArray(results) ? results : []
  if (others.length > 0) throw new PdpUnavailable('the PDP gave several answers to one question')
  switch (member(result, 'decision')) {
    case 'Permit':
      return listOf(member(result, 'obligations')).every(isMet)
    case 'Deny':
    case 'NotApplicable':
      return false
    case 'Indeterminate':
      throw new PdpUnavailable(reasonIn(result))
    default:
      throw new PdpUnavailable('the answer of the PDP has no decision')
  }
}

/** A Permit holds only if all its obligations are met. An unknown obligation counts as not met. */
function isMet(obligation: unknown): boolean {
  const assignments = listOf(member(obligation, 'attributeAssignment'))
  return (
    assignments.length > 0 &&
    assignments.every((assignment) => {
      const category = member(assignment, 'category')
      // This obligation is for service owners, not for system users.
      if (category === 'urn:altinn:minimum-authenticationlevel-org') return true
      const value = member(assignment, 'value')
      const isLevel = category === 'urn:altinn:minimum-authenticationlevel' && /^[0-9]$/.test(String(value))
      return isLevel && Number(value) <= LEVEL
    })
  )
}

function reasonIn(result: unknown): string {
  const code = member(member(member(result, 'status'), 'statusCode'), 'value')
  return String(code).endsWith(':processing-error')
    ? 'the PDP does not know the resource, or the system user’s id is malformed'
    : 'the PDP does not know the organisation, or is failing'
}

/** Altinn sends null for an empty list. Any other value that is not a list could hide an obligation. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new PdpUnavailable('the answer of the PDP is malformed')
}

/** Reads a member in camel case, which Altinn sends, or in Pascal case, which its documentation shows. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const inPascalCase = name.charAt(0).toUpperCase() + name.slice(1)
  return Reflect.get(value, name) ?? Reflect.get(value, inPascalCase)
}
