import { createPrivateKey } from 'node:crypto'
import { isLoopback } from '@portvakt/core/internal'

/** Checks whether a value is valid for a variable. @param mock the address of the mock */
type Check = (value: string, mock: URL) => boolean

/** Every variable that NAIS sets for an application with Maskinporten enabled, with a check of its value. */
const CHECKS = {
  MASKINPORTEN_ISSUER: isAtMock,
  MASKINPORTEN_JWKS_URI: isAtMock,
  MASKINPORTEN_WELL_KNOWN_URL: isAtMock,
  MASKINPORTEN_CLIENT_ID: (value) => /^[\w.~:-]+$/.test(value),
  MASKINPORTEN_CLIENT_JWK: isPrivateJwk,
  // Accepts the characters of RFC 6749 §3.3, and letters such as æøå, which NAIS accepts too. The value is
  // empty for an app that does not consume scopes.
  MASKINPORTEN_SCOPES: (value) => /^([^\s\p{C}"\\]+( [^\s\p{C}"\\]+)*)?$/u.test(value),
  MASKINPORTEN_TOKEN_ENDPOINT: isAtMock,
  NAIS_TOKEN_ENDPOINT: isAtMock,
  NAIS_TOKEN_EXCHANGE_ENDPOINT: isAtMock,
  NAIS_TOKEN_INTROSPECTION_ENDPOINT: isAtMock,
} as const satisfies Record<string, Check>

export type NaisVariable = keyof typeof CHECKS

export type NaisVariables = Readonly<Record<NaisVariable, string>>

// `Object.keys` types the names as `string`.
const NAMES = Object.keys(CHECKS) as readonly NaisVariable[]

/** Maximum length of a value. Linux allows 131,072 bytes for a variable; a key has about 1,700. */
const LONGEST = 32_768

/**
 * Reads the variables in a mock's answer. Returns undefined unless the answer has exactly the variables that
 * NAIS sets, each with a valid value. The variables become the environment of an application. An additional
 * variable such as `NODE_OPTIONS` would make the application run code. In place of a missing variable, the
 * application would use the real value in its environment.
 *
 * @param mock the address of the mock; every URL must be on its origin
 */
export function variablesIn(answer: unknown, mock: string): NaisVariables | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const entries: readonly (readonly [string, unknown])[] = Object.entries(answer)
  if (entries.length !== NAMES.length) return undefined
  const at = new URL(mock)
  const isGood = ([name, value]: readonly [string, unknown]) =>
    isVariable(name) && typeof value === 'string' && value.length <= LONGEST && CHECKS[name](value, at)
  if (!entries.every(isGood)) return undefined
  // Every name is present, because there are as many entries as names, and each entry has one of the names.
  return Object.fromEntries(entries) as NaisVariables
}

/** Picks NAIS's variables from an environment. */
export function naisEntriesOf(
  env: Readonly<Record<string, string | undefined>>,
): readonly (readonly [NaisVariable, string])[] {
  return NAMES.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
}

/**
 * Whether NAIS also mounts the variable as a file. The variables of Texas are not part of a secret, so they are
 * not mounted.
 */
export function isMounted(name: NaisVariable): boolean {
  return name.startsWith('MASKINPORTEN_')
}

function isVariable(name: string): name is NaisVariable {
  return Object.hasOwn(CHECKS, name)
}

/** Accepts a normalized URL on the mock's origin. Loopback names with the same port count as one origin. */
function isAtMock(value: string, mock: URL): boolean {
  // The time to parse a host grows with the square of its length (IDNA).
  if (value.length > 2048 || !URL.canParse(value)) return false
  const url = new URL(value)
  const { href, protocol, port, hostname, search, hash, username, password } = url
  if (href !== value || `${search}${hash}${username}${password}` !== '') return false
  if (protocol !== mock.protocol || port !== mock.port) return false
  return hostname === mock.hostname || (isThisMachine(url) && isThisMachine(mock))
}

/**
 * Whether the URL is on this machine. A mock that listens on all addresses can have the unspecified address in
 * its URLs.
 */
function isThisMachine(url: URL): boolean {
  return isLoopback(url) || url.hostname === '0.0.0.0' || url.hostname === '[::]'
}

function isPrivateJwk(value: string): boolean {
  try {
    const jwk = JSON.parse(value)
    const isAsWritten = JSON.stringify(jwk) === value
    return isAsWritten && createPrivateKey({ key: jwk, format: 'jwk' }).asymmetricKeyType === 'rsa'
  } catch {
    // The value is not JSON, or the key is invalid.
    return false
  }
}
