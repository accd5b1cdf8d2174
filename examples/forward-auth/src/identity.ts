import type { VerifiedToken } from '@portvakt/core'

/**
 * Returns headers that identify the caller to the service. Every answer sets all of them, because some
 * proxies pass on the caller's own header if the answer does not set it.
 */
export function identityOf({ consumer, supplier, scopes, clientId }: VerifiedToken): Record<string, string> {
  return {
    'x-maskinporten-consumer': consumer.organisationNumber ?? '',
    'x-maskinporten-supplier': supplier?.organisationNumber ?? '',
    'x-maskinporten-scopes': headerValue(scopes.join(' ')),
    'x-maskinporten-client-id': headerValue(clientId ?? ''),
  }
}

/** Drops a text that is not ASCII or is too long: by default, nginx reads at most 3 KB of headers. */
function headerValue(text: string): string {
  return /^[\x20-\x7e]{0,1024}$/.test(text) ? text : ''
}
