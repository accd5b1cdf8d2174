/** A request that Texas refuses, in the shape of RFC 6749 §5.2. */
export class TexasError extends Error {
  override readonly name = 'TexasError'

  constructor(
    readonly status: number,
    readonly error: string,
    description: string,
  ) {
    super(description)
  }

  get body(): { error: string; error_description: string } {
    return { error: this.error, error_description: this.message }
  }
}

/** The members of a request to Texas, from JSON or from a form, in which every value is text. */
export type TexasRequest = Readonly<Record<string, unknown>>

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** @throws {TexasError} 400 `invalid_request`, saying what is wrong with the request's form */
export async function readTexasRequest(request: Request): Promise<TexasRequest> {
  const mediaType = (request.headers.get('content-type') ?? '').toLowerCase()
  const text = await request.text()
  if (mediaType.startsWith(FORM_TYPE)) return Object.fromEntries(new URLSearchParams(text))
  if (!mediaType.startsWith(JSON_TYPE)) {
    throw invalid(`unsupported media type: ${mediaType}: expected one of \`${JSON_TYPE}\`, \`${FORM_TYPE}\``)
  }
  const body = parse(text, 'Failed to parse the request body as JSON')
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  throw undeserializable('invalid type: expected an object')
}

/** What Texas calls the providers, `azuread` being an older name. */
const PROVIDERS: Readonly<Record<string, string>> = {
  entra_id: 'entra_id',
  azuread: 'entra_id',
  tokenx: 'tokenx',
  maskinporten: 'maskinporten',
  idporten: 'idporten',
  ansattporten: 'ansattporten',
}

export function providerIn(request: TexasRequest): string {
  const name = textIn(request, 'identity_provider')
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined
  if (provider !== undefined) return provider
  throw undeserializable(`unknown variant, expected one of \`${Object.keys(PROVIDERS).join('`, `')}\``)
}

export function textIn(request: TexasRequest, member: string): string {
  const value = optionalTextIn(request, member)
  if (value === undefined) throw undeserializable(`missing field \`${member}\``)
  return value
}

export function optionalTextIn(request: TexasRequest, member: string): string | undefined {
  const value = request[member]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw undeserializable(`${member}: invalid type, expected a string`)
}

export function flagIn(request: TexasRequest, member: string): boolean {
  const value = request[member]
  if (value === undefined || value === null || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw undeserializable(`${member}: invalid type, expected a boolean`)
}

/** A list of objects; in a form, as text that holds the JSON of one. */
export function objectsIn(request: TexasRequest, member: string): readonly object[] | undefined {
  const given = request[member]
  if (given === undefined || given === null) return undefined
  const value = typeof given === 'string' ? parse(given, `failed to parse ${member} JSON string`) : given
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null))
    return value
  throw undeserializable(`${member}: expected an array of objects`)
}

/** The parser's own words would quote the request. */
function parse(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(complaint)
  }
}

function invalid(description: string): TexasError {
  return new TexasError(400, 'invalid_request', description)
}

function undeserializable(description: string): TexasError {
  return invalid(`Failed to deserialize the body into the target type: ${description}`)
}
