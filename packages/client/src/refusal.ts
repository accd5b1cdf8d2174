import type { Hint } from '@portvakt/core'
import type { MaskinportenClientErrorDetails } from './client-error.js'
import { printable } from './foreign-text.js'
import { hintFor, refusalDescribedBy } from './known-refusals.js'

/** The members that an error takes from a refusal. */
export type Refusal = Pick<
  MaskinportenClientErrorDetails,
  'error' | 'maskinportenCode' | 'traceId' | 'description'
> & {
  /** Undefined if the answer has neither a code nor a known sentence. */
  readonly knownHint: Hint | undefined
}

/**
 * Reads the refusal of a token endpoint: which one it is, its trace id, and a description that is safe to log.
 *
 * The code is the one in `error_uri`; else that of Digdir's sentence, as Texas passes on no `error_uri`; else that of
 * an `error` that only one code has; else a code that begins the description. A code in any other place may be part
 * of a scope's name.
 *
 * @param issuer whose `error_uri` counts besides Digdir's; undefined for Texas
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_feilsoking
 */
export function readRefusal(members: Readonly<Record<string, unknown>>, issuer: string | undefined): Refusal {
  const { error, error_description: description, error_uri: uri } = members
  const { text, traceId } = splitTraceId(typeof description === 'string' ? description : '')
  const described = refusalDescribedBy(text)
  const maskinportenCode =
    codeInUri(uri, issuer) ??
    described?.code ??
    (error === 'invalid_altinn_customer_configuration' ? 'MP-303' : undefined) ??
    /^MP-[0-9]{3}(?![\w-])/.exec(text)?.[0]
  const hintOfCode = maskinportenCode === undefined ? undefined : hintFor(maskinportenCode)
  return {
    // Registered values look like this. Any other text is left out, as errors are logged.
    ...(typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) && { error }),
    ...(maskinportenCode !== undefined && { maskinportenCode }),
    ...(traceId !== undefined && { traceId }),
    ...(text !== '' && { description: printable(text) }),
    knownHint: described && described.code === undefined ? described.hint : hintOfCode,
  }
}

/** 32 hexadecimal digits, or a UUID in older answers. Kept unchanged, because Digdir's support asks for it. */
const TRACE_ID =
  /\((?:trace_id: ?([0-9a-f]{32})|correlation id: ?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))\)\.?$/i

function splitTraceId(description: string): { readonly text: string; readonly traceId: string | undefined } {
  const whole = description.trim()
  const match = TRACE_ID.exec(whole)
  return { text: match ? whole.slice(0, match.index).trim() : whole, traceId: match?.[1] ?? match?.[2] }
}

/**
 * The code at the end of the path of `error_uri`, a URI reference (RFC 6749 §5.2). Undefined if its host is neither
 * the issuer's nor Digdir's.
 */
function codeInUri(uri: unknown, issuer: string | undefined): string | undefined {
  if (typeof uri !== 'string' || !URL.canParse(uri, issuer)) return undefined
  const { protocol, hostname, origin, pathname } = new URL(uri, issuer)
  const isDigdirs = protocol === 'https:' && /(?:^|\.)maskinporten\.no$/.test(hostname)
  const isIssuers = issuer !== undefined && origin === new URL(issuer).origin
  return isDigdirs || isIssuers ? /\/(MP-[0-9]{3})$/.exec(pathname)?.[1] : undefined
}
