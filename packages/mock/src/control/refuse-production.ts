import { ISSUERS, naisVariables } from '@portvakt/core/internal'

/**
 * Refuses to run in production. A mock gives tokens to every caller, so a production application must never
 * trust it.
 *
 * @param isAllowed undefined if the user cannot allow production
 * @throws {Error} when `NODE_ENV` is `production`, unless `isAllowed` is true
 */
export function refuseProduction(isAllowed?: boolean): void {
  if (process.env['NODE_ENV'] !== 'production' || isAllowed === true) return
  const permit =
    isAllowed === undefined
      ? ''
      : ', or allow it: `--allow-production` on the command line, `allowProduction: true` in code'
  throw new Error(
    'A mock Maskinporten gives a token to every caller, so it is refused with NODE_ENV=production. ' +
      `On a machine for development or tests, unset NODE_ENV${permit}`,
  )
}

/**
 * Refuses a fake validator where the variables of NAIS name Maskinporten's production issuer: it would open
 * every guarded route, and NAIS does not set `NODE_ENV`.
 *
 * @throws {Error} when a variable names the production issuer
 */
export function refuseProductionIssuer(): void {
  const { read } = naisVariables()
  const names = ['MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL']
  const name = names.find((one) => read(one)?.startsWith(ISSUERS.prod))
  if (name === undefined) return
  throw new Error(
    `fakeValidator reads no token, so it is refused where ${name} names Maskinporten’s production environment. ` +
      'On a machine for development or tests, unset that variable',
  )
}
