import type { VerifiedToken } from '@portvakt/core'

/**
 * The headers that tell the service who calls. Every header is set on every answer, because some proxies let the
 * caller's own header pass if the answer has none.
 */
export function identityOf({ consumer, supplier, scopes, clientId }: VerifiedToken): Record<string, string> {
  return {
    'x-maskinporten-consumer': consumer.organisationNumber ?? '',
    'x-maskinporten-supplier': supplier?.organisationNumber ?? '',
    'x-maskinporten-scopes': headerValue(scopes.join(' ')),
    'x-maskinporten-client-id': headerValue(clientId ?? ''),
  }
}

/** nginx reads at most 3 KB of headers by default. A text that does not fit, or is not ASCII, is left out. */
function headerValue(text: string): string {
  return /^[\x20-\x7e]{0,1024}$/.test(text) ? text : ''
}
