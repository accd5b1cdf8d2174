import type { MaskinportenReason } from './errors.js'
import { type JsonObject, own } from './json.js'

/**
 * Says more exactly why a token is refused. It is only asked about tokens that are refused already, and its
 * answer is only a reason: unverified claims never lead to an acceptance.
 */

/** Whose tokens are accepted. */
export interface IssuerRule {
  /** The issuer; undefined until it is pinned. */
  issuer(): string | undefined
  /** Whether an unverified `iss` may be this issuer's. */
  mayHaveIssued(issuer: unknown): boolean
}

/** Digdir's own Maskinporten, by the issuer that its tokens name. */
const ENVIRONMENTS: readonly string[] = ['https://maskinporten.no/', 'https://test.maskinporten.no/']

/** Test environments that were shut down in 2024 and before. */
const PHASED_OUT: readonly string[] = ['https://ver1.maskinporten.no/', 'https://ver2.maskinporten.no/']

/** Others whose tokens look like Maskinporten's, by the host of their issuer. */
const RELATIVES: readonly (readonly [host: RegExp, reason: MaskinportenReason])[] = [
  [/^(.+\.)?sky\.maskinporten\.no$/, 'skyporten_token'],
  [/^(.+\.)?idporten\.no$/, 'idporten_token'],
  // ID-porten's former addresses.
  [/^oidc(-ver[12])?\.difi\.no$/, 'idporten_token'],
  [/^(.+\.)?altinn\.no$/, 'altinn_token'],
]

/** Why a token that is not from our issuer is here. */
export function reasonForForeigner(claims: JsonObject, rule: IssuerRule): MaskinportenReason {
  const issuer = own(claims, 'iss')
  if (typeof issuer === 'string') {
    if (PHASED_OUT.includes(issuer)) return 'phased_out_environment'
    const isOther = ENVIRONMENTS.includes(issuer) && !rule.mayHaveIssued(issuer)
    if (isOther && ENVIRONMENTS.some((known) => rule.mayHaveIssued(known))) return 'wrong_environment'
    const host = hostOf(issuer)
    const relative = RELATIVES.find(([pattern]) => pattern.test(host))
    if (relative) return relative[1]
  }
  return isAddressedToMaskinporten(own(claims, 'aud'), rule) ? 'client_assertion' : 'wrong_issuer'
}

function hostOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).hostname : ''
}

/** Only a client's own grant is: what Maskinporten issues is for an API. */
function isAddressedToMaskinporten(audience: unknown, rule: IssuerRule): boolean {
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  const known: readonly unknown[] = [...ENVIRONMENTS, ...PHASED_OUT]
  return audiences.some(
    (entry) => typeof entry === 'string' && (known.includes(entry) || rule.mayHaveIssued(entry)),
  )
}

/**
 * Whether the scopes that a token has and those that are required are the same but for what NAIS puts before
 * them: somebody has written a scope as nais.yaml does.
 */
export function isNaisName(scopes: ReadonlySet<string>, required: readonly string[]): boolean {
  return required.some((ours) =>
    [...scopes].some((theirs) => isLastPartOf(ours, theirs) || isLastPartOf(theirs, ours)),
  )
}

function isLastPartOf(name: string, scope: string): boolean {
  return scope.length > name.length && (scope.endsWith(`:${name}`) || scope.endsWith(`/${name}`))
}
