import { type Clock, systemClock } from '@portvakt/core'
import { takeList, takeOptions } from '@portvakt/core/internal'
import { DEFAULT_SCOPE } from './maskinporten/token-claims.js'
import type { MockClientRegistration } from './registry/client.js'
import type { MockScope } from './registry/scope.js'

/** What the mock knows when it starts. */
export interface MockMaskinportenOptions {
  /** Its issuer, an origin with a trailing slash. Default `https://test.maskinporten.no/`. */
  readonly issuer?: string
  /** Default the system's. Give the same {@link createTestClock} to the validator. */
  readonly clock?: Clock
  /** Scopes that providers expose. Default `portvakt:demo.read` alone, granted to everybody. */
  readonly scopes?: readonly MockScope[]
  /** Clients beside the default one. */
  readonly clients?: readonly MockClientRegistration[]
  /** Certificates (PEM), of roots or intermediates, that end a chain, in addition to the mock's own root. Default none. */
  readonly trustedRoots?: readonly string[]
  /**
   * Whether `x5c` in an assertion must be as Digdir documents it: the whole chain, in base64 without white space.
   * Default false: most clients send their own certificate alone, so a chain of certificates of
   * {@link MockMaskinporten.issueCertificate} is completed, and white space is ignored.
   */
  readonly strictCertificates?: boolean
}

export const MOCK_OPTIONS = [
  ...(['issuer', 'clock', 'scopes', 'clients', 'trustedRoots', 'strictCertificates'] as const),
] satisfies readonly (keyof MockMaskinportenOptions)[]

/**
 * @param address where the mock is served: its issuer, unless it claims to be another
 * @throws {TypeError} naming the option that is wrong
 */
export function readOptions(
  options: MockMaskinportenOptions,
  address: string | undefined,
): Required<MockMaskinportenOptions> {
  const taken = takeOptions(options, MOCK_OPTIONS, 'createMockMaskinporten')
  const { clock = systemClock, scopes = [{ name: DEFAULT_SCOPE }], clients = [], trustedRoots = [] } = taken
  const { strictCertificates = false } = taken
  if (typeof strictCertificates !== 'boolean')
    throw new TypeError('`strictCertificates` must be true or false')
  return {
    issuer: readIssuer(taken.issuer ?? address ?? 'https://test.maskinporten.no/'),
    clock,
    scopes: takeList(scopes, 'scopes'),
    clients: takeList(clients, 'clients'),
    trustedRoots: takeList(trustedRoots, 'trustedRoots'),
    strictCertificates,
  }
}

function readIssuer(issuer: string): string {
  if (typeof issuer === 'string' && /^https?:/.test(issuer) && URL.canParse(issuer)) {
    // Validators compare it character by character, so it must be written as it is meant.
    if (issuer === `${new URL(issuer).origin}/`) return issuer
  }
  throw new TypeError(
    '`issuer` must be a URL without a path and with a trailing slash, such as https://test.maskinporten.no/',
  )
}
