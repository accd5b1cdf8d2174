import { typeName } from './jwt.js'

/** A refused request, in the format of RFC 6749 §5.2. */
export class TexasError extends Error {
  override readonly name = 'TexasError'

  constructor(
    readonly status: number,
    readonly error: string,
    description: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description)
  }

  get body() {
    return { error: this.error, error_description: this.message }
  }
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Maximum size of a body, in bytes. */
const MAX_BODY = 2 * 1024 * 1024

/** @throws {TexasError} 400 `invalid_request` */
export async function readTexasRequest(request: Request): Promise<TexasRequest> {
  // Texas compares only the beginning of the content type, and only in lower case.
  const mediaType = request.headers.get('content-type') ?? ''
  const isForm = mediaType.startsWith(FORM_TYPE)
  if (!isForm && !mediaType.startsWith(JSON_TYPE))
    throw invalid(`unsupported media type: ${mediaType}: expected one of \`${JSON_TYPE}\`, \`${FORM_TYPE}\``)
  const text = await request.text()
  if (Buffer.byteLength(text) > MAX_BODY) {
    const description = 'Failed to buffer the request body: length limit exceeded'
    throw new TexasError(400, 'invalid_request', description, { connection: 'close' })
  }
  if (isForm) return new TexasRequest(Object.fromEntries(new URLSearchParams(text)), true)
  const body = parse(text, (problem) => invalid(`Failed to parse the request body as JSON: ${problem}`))
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return new TexasRequest({ ...body }, false)
  const what = Array.isArray(body) ? `length ${body.length}` : `type: ${typeName(body)}`
  throw undeserializable(`invalid ${what}, expected a struct`, false)
}

/** Texas's names for the identity providers. `azuread` is an older name. */
const PROVIDERS: readonly string[] = ['azuread', 'entra_id', 'tokenx', 'maskinporten', 'idporten']

/** A request as JSON or as a form, in which every value is text. Each method throws a `TexasError`. */
export class TexasRequest {
  constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    private readonly isForm: boolean,
  ) {}

  provider(): string {
    const name = this.text('identity_provider')
    if (PROVIDERS.includes(name)) return name === 'azuread' ? 'entra_id' : name
    const names = PROVIDERS.join('`, `')
    throw this.#wrong('identity_provider', `unknown variant \`${name}\`, expected one of \`${names}\``)
  }

  text(name: string): string {
    if (this.members[name] === undefined) throw undeserializable(`missing field \`${name}\``, this.isForm)
    return this.#text(name)
  }

  optionalText(name: string): string | undefined {
    return this.members[name] === undefined || this.members[name] === null ? undefined : this.#text(name)
  }

  flag(name: string): boolean {
    const value = this.members[name]
    if (value === undefined || value === null || value === false) return false
    if (value === true) return true
    if (!this.isForm) throw this.#wrong(name, `invalid type: ${typeName(value)}, expected a boolean`)
    if (value === 'true' || value === 'false') return value === 'true'
    throw this.#wrong(name, 'provided string was not `true` or `false`')
  }

  /** Reads a list of objects. In a form, the value is the list's JSON. */
  objects(name: string): readonly object[] | undefined {
    const given = this.members[name]
    if (given === undefined || given === null) return undefined
    const refuse = (problem: string) => this.#wrong(name, `failed to parse ${name} JSON string: ${problem}`)
    const value = typeof given === 'string' ? parse(given, refuse) : given
    const isRight =
      Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null)
    if (isRight) return value
    throw this.#wrong(name, 'data did not match any variant of untagged enum RequestValue')
  }

  #text(name: string): string {
    const value = this.members[name]
    if (typeof value === 'string') return value
    throw this.#wrong(name, `invalid type: ${typeName(value)}, expected a string`)
  }

  #wrong(name: string, problem: string): TexasError {
    return undeserializable(`${name}: ${problem}`, this.isForm)
  }
}

/** Parses JSON. Drops the message of `JSON.parse`, because it quotes the request. */
function parse(text: string, refuse: (problem: string) => TexasError): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refuse('expected value')
  }
}

const invalid = (description: string) => new TexasError(400, 'invalid_request', description)

function undeserializable(problem: string, isForm: boolean): TexasError {
  const what = isForm ? 'form body' : 'the JSON body into the target type'
  return invalid(`Failed to deserialize ${what}: ${problem}`)
}
