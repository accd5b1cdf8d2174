import { type NaisVariables, variablesIn } from '../nais/variables.js'

/**
 * A mock's default client or one of its apps, as an answer from the mock describes it. The functions in this
 * file check answers, because any process can listen at a mock's address and claim to be a mock.
 */
export interface AnsweredClient {
  readonly name: string
  /**
   * The variables in the answer. Undefined unless they are exactly the variables that NAIS sets, with valid
   * values.
   */
  readonly variables: NaisVariables | undefined
  /** The conditions in the answer. They are untrusted text: use them only for display. */
  readonly conditions: readonly { readonly type: string; readonly message: string }[]
}

/** Maximum length of a text in an answer, in UTF-16 units. */
const LONGEST = 65_536

/** Maximum length of an address. The time to parse a host grows with the square of its length (IDNA). */
const LONGEST_ADDRESS = 2048

/**
 * Reads a mock's description of itself. Returns undefined for any other answer.
 *
 * @param mock the mock's address
 */
export function identityIn(
  answer: unknown,
  mock: string,
): (AnsweredClient & { readonly issuer: string }) | undefined {
  const name = member(answer, 'name')
  const issuer = member(answer, 'issuer')
  if (name !== '@portvakt/mock' || !isText(issuer, LONGEST_ADDRESS) || !URL.canParse(issuer)) return undefined
  return { name, issuer, variables: variablesIn(member(answer, 'env'), mock), conditions: [] }
}

/** Reads a list of apps. Returns undefined for any other answer. @param mock the mock's address */
export function appsIn(answer: unknown, mock: string): readonly AnsweredClient[] | undefined {
  if (!Array.isArray(answer)) return undefined
  const apps = answer.flatMap((app: unknown) => {
    const name = member(app, 'name')
    const variables = variablesIn(member(app, 'env'), mock)
    return isText(name) ? [{ name, variables, conditions: conditionsIn(member(app, 'conditions')) }] : []
  })
  return apps.length === answer.length ? apps : undefined
}

function conditionsIn(answer: unknown): AnsweredClient['conditions'] {
  const entries: readonly unknown[] = Array.isArray(answer) ? answer : []
  return entries.flatMap((entry) => {
    const [type, message] = [member(entry, 'type'), member(entry, 'message')]
    return isText(type) && isText(message) ? [{ type, message }] : []
  })
}

/** Reads a signed token in compact form (RFC 7515 §7.1). Returns undefined for any other answer. */
export function tokenIn(answer: unknown): string | undefined {
  return isText(answer) && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(answer) ? answer : undefined
}

/** Reads one line of printable ASCII, the form of every bad token. Returns undefined for any other answer. */
export function badTokenIn(answer: unknown): string | undefined {
  return isText(answer) && /^[\x20-\x7e]*$/.test(answer) ? answer : undefined
}

/** Reads the message of a refusal. The message is untrusted text: use it only for display. */
export function refusalIn(answer: unknown): string | undefined {
  const words = member(answer, 'error_description') ?? member(answer, 'error')
  return typeof words === 'string' ? words.slice(0, LONGEST) : undefined
}

function isText(value: unknown, longest = LONGEST): value is string {
  return typeof value === 'string' && value.length <= longest
}

function member(answer: unknown, name: string): unknown {
  const isObject = typeof answer === 'object' && answer !== null
  return isObject && Object.hasOwn(answer, name) ? Reflect.get(answer, name) : undefined
}
