/**
 * How a cluster handles a manifest that the API server has accepted. Sources, read on 2026-11-29:
 * nais/digdirator b11811a (2026-08), nais/naiserator 808737d (2026-06) and nais/liberator 4a88a48 (2026-08).
 */

/** The prefix of digdirator's annotations, which have an effect only on a MaskinportenClient. */
export const DIGDIRATOR_PREFIX = 'digdir.nais.io/'

/**
 * Digdir's integration types. NAIS also passes on any other text to Digdir.
 *
 * @see https://docs.digdir.no/docs/idporten/oidc/oidc_func_clientreg
 */
export const INTEGRATION_TYPES: readonly string[] = [
  ...['ansattporten', 'api_klient', 'eformidling', 'idporten', 'idporten_saml2', 'krr', 'maskinporten'],
]

/** The ports of Texas and of Texas's probe. */
export const TEXAS_PORTS: readonly unknown[] = [7164, 7165]

/**
 * The length of the longest Application name that the admission webhook accepts (liberator,
 * `v1alpha1/webhook.go`).
 */
export const LONGEST_APPLICATION_NAME = 63

export const THEN = {
  refusedScope:
    'where Digdir refuses a scope, NAIS creates neither the client nor its secret, and retries (condition Error)',
  sameScope: 'in the cluster the last one’s consumers win',
  wrongCheckDigit:
    'its check digit is wrong. A consumer that Digdir refuses is left out, with the condition InvalidExposedScopesConsumers',
  notAScope: 'no OAuth scope can have it (RFC 6749, section 3.3), and a guard cannot require it',
  separatorOrder:
    'its separators are out of order: in 2021 NAIS required "/" before ":" and ":" before "." in the whole of product, separator and name. Digdir can refuse it',
  port: 'is Texas’s: where Texas is on, naiserator refuses the application ("conflicts with sidecar")',
  longName: 'is longer than 63 characters: the admission webhook of NAIS refuses it',
  withoutMaskinporten: 'does not name `maskinporten`: no client of Maskinporten gets a token with this scope',
} as const
