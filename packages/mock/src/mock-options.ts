import { type Clock, systemClock } from '@portvakt/core'
import { readClock, takeList, takeOptions } from '@portvakt/core/internal'
import { DEFAULT_SCOPE } from './maskinporten/token-claims.js'
import type { MockClientRegistration } from './registry/client.js'
import type { MockScope } from './registry/scope.js'

/** The initial content and behaviour of a mock. */
export interface MockMaskinportenOptions {
  /** The issuer of the mock, an origin with a trailing slash. Default `https://test.maskinporten.no/`. */
  readonly issuer?: string
  /**
   * The source of time and timers. Default: the system clock. Give the same clock to the validator, for
   * example a {@link createTestClock}.
   */
  readonly clock?: Clock
  /** The scopes that providers expose. Default: only `portvakt:demo.read`, granted to every organisation. */
  readonly scopes?: readonly MockScope[]
  /** Clients in addition to the default client. */
  readonly clients?: readonly MockClientRegistration[]
  /** Trust anchors in addition to the mock's own root: roots or intermediates, in PEM. Default none. */
  readonly trustedRoots?: readonly string[]
  /**
   * Whether `x5c` in an assertion must have the form that Digdir documents: the whole chain, in base64 without
   * white space. Default false, because most clients send only their own certificate. If false, the mock
   * ignores white space, and completes a chain from {@link MockMaskinporten.issueCertificate}.
   */
  readonly strictCertificates?: boolean
}

export const MOCK_OPTIONS = [
  ...(['issuer', 'clock', 'scopes', 'clients', 'trustedRoots', 'strictCertificates'] as const),
] satisfies readonly (keyof MockMaskinportenOptions)[]

/**
 * @param address where the mock is served, which is the default issuer
 * @throws {TypeError} naming the wrong option
 */
export function readOptions(
  options: MockMaskinportenOptions,
  address: string | undefined,
): Required<MockMaskinportenOptions> {
  const taken = takeOptions(options, MOCK_OPTIONS, 'createMockMaskinporten')
  const { clock = systemClock, scopes = [{ name: DEFAULT_SCOPE }], clients = [], trustedRoots = [] } = taken
  const { strictCertificates = false } = taken
  const issuer = taken.issuer ?? address ?? 'https://test.maskinporten.no/'
  if (typeof strictCertificates !== 'boolean')
    throw new TypeError('`strictCertificates` must be true or false')
  checkIssuer(issuer)
  return {
    issuer,
    clock: readClock(clock),
    scopes: takeList(scopes, 'scopes'),
    clients: takeList(clients, 'clients'),
    trustedRoots: takeList(trustedRoots, 'trustedRoots'),
    strictCertificates,
  }
}

function checkIssuer(issuer: unknown): void {
  const isUrl = typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer)
  // Validators compare the issuer character by character, so only its normalized form is accepted.
  if (isUrl && issuer === `${new URL(issuer).origin}/`) return
  throw new TypeError(
    '`issuer` must be a URL without a path and with a trailing slash, such as https://test.maskinporten.no/',
  )
}
