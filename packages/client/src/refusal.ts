import type { Hint } from '@portvakt/core'
import { own } from '@portvakt/core/internal'
import type { MaskinportenClientErrorDetails } from './client-error.js'
import { hintFor, refusalDescribedBy } from './known-refusals.js'
import { withoutSecrets } from './secrets.js'

/** The members of a refusal that become members of the error. */
export type Refusal = Pick<
  MaskinportenClientErrorDetails,
  'error' | 'maskinportenCode' | 'traceId' | 'description'
> & {
  /** Undefined if the refusal has neither a code nor a known sentence. */
  readonly knownHint: Hint | undefined
}

/**
 * Reads the refusal of a token endpoint: its code, its trace id, and a description that is safe to log.
 *
 * The code comes from the first of these that contains one: `error_uri`; a known sentence in the description,
 * because Texas drops `error_uri`; an `error` value that belongs to only one code; the start of the
 * description. A code later in the description is ignored, because it may be part of a scope's name.
 *
 * @param issuer an `error_uri` on this issuer's origin is read like one on Digdir's host; undefined for Texas
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
export function readRefusal(members: Readonly<Record<string, unknown>>, issuer: string | undefined): Refusal {
  const error = own(members, 'error')
  const description = own(members, 'error_description')
  const { text, traceId } = splitTraceId(typeof description === 'string' ? description : '')
  const described = refusalDescribedBy(text)
  const maskinportenCode =
    codeInUri(own(members, 'error_uri'), issuer) ??
    described?.code ??
    (error === 'invalid_altinn_customer_configuration' ? 'MP-303' : undefined) ??
    /^MP-[0-9]{3}(?![\w-])/.exec(text)?.[0]
  const hintOfCode = maskinportenCode === undefined ? undefined : hintFor(maskinportenCode)
  return {
    // Keep only a value in the form of an OAuth error code, such as `invalid_grant`: errors are logged, so
    // any other text is dropped.
    error: typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined,
    maskinportenCode,
    traceId,
    description: text === '' ? undefined : printable(text),
    knownHint: described && described.code === undefined ? described.hint : hintOfCode,
  }
}

/**
 * Matches a trace id of 32 hexadecimal digits or, in older answers, a UUID. The error contains the id
 * unchanged, for Digdir's support.
 */
const TRACE_ID =
  /\((?:trace_id: ?([0-9a-f]{32})|correlation id: ?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))\)\.?$/i

function splitTraceId(description: string): { readonly text: string; readonly traceId: string | undefined } {
  const whole = description.trim()
  const match = TRACE_ID.exec(whole)
  return { text: match ? whole.slice(0, match.index).trim() : whole, traceId: match?.[1] ?? match?.[2] }
}

/**
 * Returns the code at the end of the path of `error_uri`, a URI reference (RFC 6749 §5.2). Returns undefined
 * unless `error_uri` is on the issuer's origin or on a host of Digdir.
 */
function codeInUri(uri: unknown, issuer: string | undefined): string | undefined {
  // The length is checked before parsing, because the time to parse a host grows with the square of its
  // length (IDNA).
  if (typeof uri !== 'string' || uri.length > 2048 || !URL.canParse(uri, issuer)) return undefined
  const { protocol, hostname, origin, pathname } = new URL(uri, issuer)
  const isDigdirs = protocol === 'https:' && /(?:^|\.)maskinporten\.no$/.test(hostname)
  const isIssuers = issuer !== undefined && origin === new URL(issuer).origin
  return isDigdirs || isIssuers ? /\/(MP-[0-9]{3})$/.exec(pathname)?.[1] : undefined
}

/**
 * Makes untrusted text safe to log. The result has only the characters of RFC 6749 §5.2 (others become `?`),
 * nothing that resembles a token, no run of 11 digits, and at most 300 characters.
 */
function printable(text: string): string {
  // Remove secrets before cutting the text, because a secret that is cut can be too short to recognise.
  return withoutSecrets(text)
    .replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 300)
}
