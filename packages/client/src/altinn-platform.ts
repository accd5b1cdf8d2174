import { checkUrl, ISSUERS, isConfidential } from '@portvakt/core/internal'

const PRODUCTION = 'https://platform.altinn.no'

/** Maps the origin of each Digdir issuer to the origin of the Altinn platform that accepts its tokens. */
const PLATFORMS: ReadonlyMap<string, string> = new Map([
  [new URL(ISSUERS.prod).origin, PRODUCTION],
  [new URL(ISSUERS.test).origin, 'https://platform.tt02.altinn.no'],
])

/** Matches the origins of Altinn's platforms: production, tt02, at21 to at24 and yt01. */
const ALTINN = /^https:\/\/platform\.(?:[a-z0-9]+\.)?altinn\.(?:no|cloud)$/

/**
 * Returns the origin of the Altinn platform that exchanges the issuer's tokens. For an issuer that is not
 * Digdir's, the default is the issuer's own origin: a mock issuer also acts as Altinn, and a token must not
 * be sent to a server that did not issue it.
 *
 * @param given the option `altinnPlatform`
 * @param issuer the issuer, or the URL of its metadata; undefined with Texas if no variable names the issuer
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
  // Reject the most frequent mistake, a mix of production and test: Altinn would answer every exchange with
  // 401, without a reason.
  const expected = home && PLATFORMS.get(home.origin)
  if (expected !== undefined && ALTINN.test(origin) && (expected === PRODUCTION) !== (origin === PRODUCTION))
    throw new TypeError(
      `\`altinnPlatform\` is ${origin}, which does not take tokens of ${home?.origin}/: use ${expected}`,
    )
  return origin
}
