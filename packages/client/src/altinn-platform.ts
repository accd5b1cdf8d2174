import { checkUrl, ISSUERS, isConfidential } from '@portvakt/core/internal'

const PRODUCTION = 'https://platform.altinn.no'

/** The origin of Altinn's platform for each of Digdir's environments, by the origin of the issuer. */
const PLATFORMS: ReadonlyMap<string, string> = new Map([
  [new URL(ISSUERS.prod).origin, PRODUCTION],
  [new URL(ISSUERS.test).origin, 'https://platform.tt02.altinn.no'],
])

/** Matches the origins of Altinn's platforms: production, tt02, at21 to at24 and yt01. */
const ALTINN = /^https:\/\/platform\.(?:[a-z0-9]+\.)?altinn\.(?:no|cloud)$/

/**
 * Returns the origin of the platform that exchanges the issuer's tokens. By default, an issuer other than
 * Digdir's is asked itself, as a mock also plays Altinn's part, and as a token must not go to a server that
 * did not issue it.
 *
 * @param given the option `altinnPlatform`
 * @param issuer the issuer, or its metadata's address; undefined if Texas has an issuer that nothing names
 * @returns undefined if the platform is unknown
 * @throws {TypeError} naming the option
 */
export function resolveAltinnPlatform(
  given: unknown,
  issuer: string | undefined,
  insecureHttp: boolean,
): string | undefined {
  const home = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (given === undefined) {
    if (home === undefined || !(isConfidential(home) || insecureHttp)) return undefined
    return PLATFORMS.get(home.origin) ?? home.origin
  }
  const { origin, href } = checkUrl(given, '`altinnPlatform`', insecureHttp, home)
  if (href !== `${origin}/`)
    throw new TypeError(
      '`altinnPlatform` must be a URL without a path, such as https://platform.tt02.altinn.no',
    )
  // The most frequent mistake: Altinn would answer every exchange with 401, without a reason.
  const expected = home && PLATFORMS.get(home.origin)
  if (expected !== undefined && ALTINN.test(origin) && (expected === PRODUCTION) !== (origin === PRODUCTION))
    throw new TypeError(
      `\`altinnPlatform\` is ${origin}, which does not take tokens of ${home?.origin}/: use ${expected}`,
    )
  return origin
}
